//! A command-line program over the models of any application, from a `main` of one line. With the feature `cli`.
//!
//! ```no_run
//! # // It would read the arguments of the test.
//! # use syncline::{RecordId, Syncable};
//! # #[derive(Syncable)]
//! # #[syncable(profile = Notes, model = "note")]
//! # struct Note { id: RecordId }
//! # syncline::profile! { Notes = "notes" { Note } }
//! fn main() -> std::process::ExitCode {
//!     syncline::cli::main::<Notes>()
//! }
//! ```
//!
//! | Command | What it does |
//! |---|---|
//! | `serialize DB` | writes every changed record to the sync store |
//! | `deserialize DB` | writes the received records of the store to the app's tables |
//! | `status DB` | shows per model how many records there are, what is not in the store yet, what waits for the app and what failed |
//! | `inspect DB ID` | shows a record on its whole way: its row in the app and in the store, its error, counters, conflicts, buffers |
//! | `conflicts list DB`, `show DB ID`, `resolve DB ID`, `clear DB ID` | lists, shows, decides and clears conflicts |
//! | `check DB` | compares the tables with the models, and with `--deep` the records with the store |
//! | `mend DB` | marks the records that differ from the store as changed |
//! | `cleanup DB` | removes what broken transfers left in the buffers; shows only, unless `--yes` |
//! | `restored DB` | makes the database another instance, after a backup was put back |
//! | `new-instance DB` | gives a copied database an id of its own |
//! | `sync DB PEER` | exchanges records with another database |
//! | `graph` | shows the stages of `serialize` |
//!
//! `DB` is an existing file; no command creates one. An [`App`] can set a default for `DB`, the program's version, and commands
//! of the application's own.
//!
//! **Output.** Results go to stdout, as tables or, with `--json`, as JSON. Progress, warnings and errors go to stderr. On a
//! terminal tables are cut to its width and coloured, unless `NO_COLOR` is set. In a pipe they are complete and plain.
//!
//! **Exit status.** 0 for success, 2 for wrong arguments, 130 after Ctrl-C, and 1 for any other failure, with one message.
//! If it is not 0, the database is unchanged or, with `--commit every:N` and in `sync`, as the last commit left it. The message
//! says which.
//! Records that `--skip` leaves out are named on stderr and do not change the exit status. Neither do received records that
//! `deserialize` cannot write: the report counts them, and `status` lists them.
//!
//! **Ctrl-C.** The first ends `serialize`, `deserialize` and `sync` cleanly. The second ends the process at once; SQLite then rolls
//! the open transaction back when the database is opened next.

mod arguments;
mod check;
mod cleanup;
mod conflicts;
mod database;
mod deserialize;
mod graph;
mod inspect;
mod interrupt;
mod memory;
mod mend;
mod new_instance;
mod output;
mod owner;
mod restored;
mod serialize;
mod space;
mod status;
mod step;
mod sync;
mod table;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The types of `clap`, version 4, that a command of the application's own is made of.
//
// Not the whole crate: it exports a name `String`, which would make the compiler write `std::string::String` in messages.
pub use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::{BoxError, Profile};
use arguments::Command as Given;
use interrupt::Interrupted;

/// Runs the program: reads the arguments of the process, executes the command, and returns the exit status.
///
/// Call it from `main` with the profile of the application, and return its result. The program's name is that of its file.
/// [`App`] has more options.
#[must_use]
pub fn main<P: Profile>() -> ExitCode {
    App::new().main::<P>()
}

/// A command-line program: its name, version, description, default database and additional commands.
///
/// ```no_run
/// # // It would read the arguments of the test.
/// use std::process::ExitCode;
/// use syncline::cli::App;
///
/// # use syncline::{RecordId, Syncable};
/// # #[derive(Syncable)]
/// # #[syncable(profile = Notes, model = "note")]
/// # struct Note { id: RecordId }
/// # syncline::profile! { Notes = "notes" { Note } }
/// fn main() -> ExitCode {
///     App::new()
///         .version(env!("CARGO_PKG_VERSION"))
///         .about("Keeps notes in step on all of my machines")
///         .database(std::env::var_os("NOTES_DB").unwrap_or("notes.sqlite3".into()))
///         .main::<Notes>()
/// }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a program does nothing until its `main` is called"]
pub struct App {
    name: Option<String>,
    version: Option<&'static str>,
    about: Option<String>,
    database: Option<PathBuf>,
    known_failures: &'static [KnownFailure],
    extra: Vec<Extra>,
}

/// An error of received records that the application knows and that needs no attention. `status` shows it with its explanation.
#[derive(Debug, Clone, Copy)]
pub struct KnownFailure {
    /// The name of the model.
    pub model: &'static str,
    /// A part of the error's text.
    pub text: &'static str,
    /// The explanation: a clause, as in "known: Kolibri itself writes NULL there".
    pub explanation: &'static str,
}

/// A command of the application's own.
#[derive(Clone, Copy)]
struct Extra {
    command: fn() -> Command,
    run: fn(&ArgMatches) -> Result<String, BoxError>,
}

impl App {
    /// Makes a program with the name of its file and without a version.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name of the program in its help and messages.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the version that `--version` prints, usually `env!("CARGO_PKG_VERSION")`.
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = Some(version);
        self
    }

    /// Sets the description in the help: one sentence without a full stop.
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = Some(about.into());
        self
    }

    /// Sets the database to use if the argument `DB` is left out.
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.database = Some(path.into());
        self
    }

    /// Sets the errors of received records that `status` shows as known.
    pub fn known_failures(mut self, known: &'static [KnownFailure]) -> Self {
        self.known_failures = known;
        self
    }

    /// Adds a command. `command` declares its name and arguments; `run` executes it and returns the text to print.
    pub fn command(
        mut self,
        command: fn() -> Command,
        run: fn(&ArgMatches) -> Result<String, BoxError>,
    ) -> Self {
        self.extra.push(Extra { command, run });
        self
    }

    /// Reads the arguments of the process, executes the command, and returns the exit status.
    ///
    /// Call it from `main` with the profile of the application, and return its result.
    #[must_use]
    pub fn main<P: Profile>(self) -> ExitCode {
        self.run::<P>(std::env::args_os().collect())
    }

    fn run<P: Profile>(mut self, arguments: Vec<OsString>) -> ExitCode {
        let name = self.name.take().unwrap_or_else(|| name_of(arguments.first()));
        let command = match arguments::parse::<P>(&self, &name, arguments) {
            Ok(command) => command,
            // `--help` and `--version` are errors of this kind, too. A failure to print them cannot be reported.
            Err(usage) => {
                let _ = usage.print();
                return if usage.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
            }
        };
        let done = match command {
            Given::Serialize(arguments) => serialize::run::<P>(&name, &arguments),
            Given::Deserialize(arguments) => deserialize::run::<P>(&arguments),
            Given::Status(arguments) => status::run::<P>(&self, &arguments),
            Given::Inspect(arguments) => inspect::run::<P>(&arguments),
            Given::Conflicts(arguments) => conflicts::run::<P>(&arguments.command),
            Given::Check(arguments) => check::run::<P>(&arguments),
            Given::Mend(arguments) => mend::run::<P>(&arguments),
            Given::Cleanup(arguments) => cleanup::run(&arguments),
            Given::Restored(arguments) => restored::run(&arguments),
            Given::NewInstance(arguments) => new_instance::run(&arguments),
            Given::Sync(arguments) => sync::run::<P>(&arguments),
            Given::Graph(arguments) => graph::run(&arguments),
            Given::Extra(extra, arguments) => (extra.run)(&arguments)
                .map_err(anyhow::Error::from_boxed)
                .and_then(|text| output::text(&text)),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                output::error(&name, &error);
                if error.is::<Interrupted>() { ExitCode::from(interrupt::STATUS) } else { ExitCode::FAILURE }
            }
        }
    }
}

/// The name of the program's file without its extension.
fn name_of(program: Option<&OsString>) -> String {
    let stem = program.and_then(|program| Path::new(program).file_stem());
    stem.map_or_else(|| "syncline".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extra").field("command", &(self.command)().get_name()).finish_non_exhaustive()
    }
}

//! A command line over the models of any application, from one line. With the feature `cli`.
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
//! | `status DB` | shows per model how many records there are, and how many are not in the store yet |
//! | `inspect DB ID` | shows a record, its row in the store, its counters and its conflicts, side by side |
//! | `conflicts list DB`, `show DB ID`, `clear DB ID` | what records conflicted with |
//! | `check DB` | compares the tables with the models |
//! | `graph` | shows what `serialize` is made of |
//!
//! `DB` is a file that exists: nothing is made by mistake. An [`App`] can name a file to take where the argument is left
//! out, its version, and commands of its own.
//!
//! What the commands print on stdout is for people, or with `--json` for programs; progress, warnings and errors go to
//! stderr. On a terminal tables are cut to its width and have colours, unless `NO_COLOR` is set; in a pipe everything is
//! there, and plain. Exit status: 0 when it is done, 2 when the arguments are wrong, 1 for anything else, with one
//! message, and the database as it was.

mod arguments;
mod check;
mod conflicts;
mod database;
mod graph;
mod inspect;
mod memory;
mod output;
mod owner;
mod serialize;
mod status;
mod table;

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Of the crate that reads the arguments, what a command of one's own is made of. It is version 4 of `clap`.
//
// Not the whole crate: it has a name `String`, and the compiler would then spell out Rust's own in every message.
pub use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::{BoxError, Profile};
use arguments::Command as Given;

/// The program: reads the arguments of the process, does what they say, and returns its exit status.
///
/// Call it from `main` with the profile of the application, and do nothing after it. The program is named as its file;
/// [`App`] says more of it.
#[must_use]
pub fn main<P: Profile>() -> ExitCode {
    App::new().main::<P>()
}

/// A program over the models of an application, and what it says of itself.
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
    extra: Vec<Extra>,
}

/// A command of the application's own.
#[derive(Clone, Copy)]
struct Extra {
    command: fn() -> Command,
    run: fn(&ArgMatches) -> Result<String, BoxError>,
}

impl App {
    /// A program that is named as its file, and has no version.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets its name, as one types it.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets its version: `env!("CARGO_PKG_VERSION")`.
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = Some(version);
        self
    }

    /// Says what it does, in one sentence without a full stop.
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = Some(about.into());
        self
    }

    /// Names the database to take where no `DB` is given.
    pub fn database(mut self, path: impl Into<PathBuf>) -> Self {
        self.database = Some(path.into());
        self
    }

    /// Adds a command of the application's own: its name and arguments, and what does it and says what to print.
    pub fn command(
        mut self,
        command: fn() -> Command,
        run: fn(&ArgMatches) -> Result<String, BoxError>,
    ) -> Self {
        self.extra.push(Extra { command, run });
        self
    }

    /// Reads the arguments of the process, does what they say, and returns its exit status.
    ///
    /// Call it from `main` with the profile of the application, and do nothing after it.
    #[must_use]
    pub fn main<P: Profile>(self) -> ExitCode {
        self.run::<P>(std::env::args_os().collect())
    }

    fn run<P: Profile>(mut self, arguments: Vec<OsString>) -> ExitCode {
        let name = self.name.take().unwrap_or_else(|| name_of(arguments.first()));
        let command = match arguments::parse::<P>(&self, &name, arguments) {
            Ok(command) => command,
            // Help and version are such an error too; nobody is left to tell when even that cannot be printed.
            Err(usage) => {
                let _ = usage.print();
                return if usage.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
            }
        };
        let done = match command {
            Given::Serialize(arguments) => serialize::run::<P>(&arguments),
            Given::Status(arguments) => status::run::<P>(&arguments),
            Given::Inspect(arguments) => inspect::run::<P>(&arguments),
            Given::Conflicts(arguments) => conflicts::run::<P>(&arguments.command),
            Given::Check(arguments) => check::run::<P>(&arguments),
            Given::Graph(arguments) => graph::run(&arguments),
            Given::Extra(extra, arguments) => (extra.run)(&arguments)
                .map_err(anyhow::Error::from_boxed)
                .and_then(|text| output::text(&text)),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                output::error(&name, &error);
                ExitCode::FAILURE
            }
        }
    }
}

/// The name of the program's file.
fn name_of(program: Option<&OsString>) -> String {
    let stem = program.and_then(|program| Path::new(program).file_stem());
    stem.map_or_else(|| "syncline".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extra").field("command", &(self.command)().get_name()).finish_non_exhaustive()
    }
}

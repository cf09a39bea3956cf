//! A command line over the models of any application.
//!
//! The commands are `serialize` and `status`, each on a database that exists, and `graph`. What they print on stdout is for people, or
//! with `--json` for programs; progress and errors go to stderr. Exit status: 0 when it is done, 2 when the arguments
//! are wrong, 1 for anything else, with one message, and the database as it was.

mod bar;
mod graph;
mod memory;
mod output;
mod serialize;
mod status;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use syncline::Profile;

/// What the program says of itself.
#[derive(Debug, Clone, Copy)]
pub struct App {
    /// The name of the program, as one types it.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What it does, in one sentence without a full stop.
    pub about: &'static str,
    /// What it can do besides.
    pub extra: &'static [Extra],
}

/// A command of the application's own.
#[derive(Debug, Clone, Copy)]
pub struct Extra {
    /// Its name and arguments.
    pub command: fn() -> clap::Command,
    /// Does it, and says what to print.
    pub run: fn(&ArgMatches) -> anyhow::Result<String>,
}

/// The program: reads the arguments of the process, does what they say, and returns its exit status.
///
/// Call it from `main` with the profile of the application, and do nothing after it.
#[must_use]
pub fn main<P: Profile>(app: &App) -> ExitCode {
    run::<P>(app, std::env::args_os())
}

fn run<P: Profile>(app: &App, arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match parse(app, arguments) {
        Ok(command) => command,
        // Help and version are such an error too; nobody is left to tell when even that cannot be printed.
        Err(usage) => {
            let _ = usage.print();
            return if usage.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let done = match command {
        Command::Serialize(arguments) => serialize::run::<P>(&arguments),
        Command::Status(arguments) => status::run::<P>(&arguments),
        Command::Graph(arguments) => graph::run(&arguments),
        Command::Extra(extra, arguments) => (extra.run)(&arguments).and_then(|text| output::text(&text)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(app.name, &error);
            ExitCode::FAILURE
        }
    }
}

fn parse(app: &App, arguments: impl IntoIterator<Item = OsString>) -> Result<Command, clap::Error> {
    let matches = Arguments::command()
        .name(app.name)
        .version(app.version)
        .about(app.about)
        .after_help(examples(app.name))
        .subcommands(app.extra.iter().map(|extra| (extra.command)()))
        .try_get_matches_from(arguments)?;
    let extra = |(name, arguments): (&str, &ArgMatches)| {
        let extra = app.extra.iter().find(|extra| (extra.command)().get_name() == name)?;
        Some(Command::Extra(*extra, Box::new(arguments.clone())))
    };
    match matches.subcommand().and_then(extra) {
        Some(command) => Ok(command),
        None => Arguments::from_arg_matches(&matches).map(|arguments| arguments.command),
    }
}

fn examples(name: &str) -> String {
    format!(
        "Examples:\n  \
           {name} status db.sqlite3                      what is there, and what is left to do\n  \
           {name} serialize db.sqlite3                   write every changed record to the store\n  \
           {name} serialize db.sqlite3 --filter PREFIX   only those whose partition begins so\n  \
           {name} serialize db.sqlite3 --json            the same, for a program to read\n\n\
         Exit status: 0 when it is done, 2 when the arguments are wrong, 1 when it failed, which\n\
         leaves the database as it was."
    )
}

#[derive(Debug, Parser)]
#[command(subcommand_required = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write every changed record to the sync store
    ///
    /// Every record whose dirty bit is set is written to the sync store as JSON, deletions are noted there, and the
    /// counters of this instance go up by one: all of it in one transaction, or none of it.
    Serialize(SerializeArguments),
    /// Show per model how many records there are, and how many are not in the store yet
    ///
    /// Reads the database and changes nothing, not even a file beside it.
    Status(StatusArguments),
    /// Show what `serialize` is made of: its stages, and how much each holds at most
    ///
    /// Needs no database. As Mermaid it can be pasted into a page on GitHub, as DOT it is for Graphviz:
    /// `graph --format dot | dot -Tsvg > flow.svg`.
    Graph(GraphArguments),
    /// One of the application's own.
    #[command(skip)]
    Extra(Extra, Box<ArgMatches>),
}

#[derive(Debug, Args)]
struct SerializeArguments {
    /// The database: a SQLite file that the application has made
    #[arg(value_name = "DB")]
    database: PathBuf,

    /// Only records whose partition begins with PREFIX; may be given more than once
    ///
    /// Upper and lower case are told apart, and no character is a wildcard. An empty prefix means every record.
    /// Deletions are noted whatever the filter.
    #[arg(long = "filter", value_name = "PREFIX")]
    filters: Vec<String>,

    /// How long to wait for another program that has the database locked
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    busy_timeout: Duration,

    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct StatusArguments {
    /// The database: a SQLite file that the application has made
    #[arg(value_name = "DB")]
    database: PathBuf,

    /// Print a JSON array with one object per model instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct GraphArguments {
    /// In which language to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// The languages of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For Mermaid
    Mermaid,
    /// For Graphviz
    Dot,
}

/// SQLite counts the milliseconds of a busy timeout in 32 bits.
const LONGEST_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|timeout| *timeout <= LONGEST_TIMEOUT)
        .ok_or_else(|| format!("give seconds, from 0 to {}", LONGEST_TIMEOUT.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_timeout_is_seconds_that_sqlite_can_count() {
        assert_eq!(seconds("0"), Ok(Duration::ZERO));
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        assert_eq!(seconds("2147483"), Ok(Duration::from_secs(2_147_483)));
        for wrong in ["", "soon", "-1", "NaN", "inf", "2147484", "1e300"] {
            assert_eq!(seconds(wrong), Err("give seconds, from 0 to 2147483".to_owned()), "{wrong}");
        }
    }
}

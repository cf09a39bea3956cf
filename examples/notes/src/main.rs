//! `notes`: an app with a command line over its models, and one command of its own, `add`.
//!
//! ```text
//! notes add "Bread: rye, half a loaf"
//! notes status
//! notes serialize
//! notes inspect ID
//! ```
//!
//! The database is `notes.sqlite3` in the current folder, or the file that `NOTES_DB` names.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use syncline::cli::{App, Arg, ArgAction, ArgMatches, Command};
use syncline::prelude::*;
use syncline::{BoxError, FieldValue};

/// A note.
#[derive(Debug, Clone, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "notes")]
struct Note {
    id: RecordId,
    title: String,
    #[syncable(default = "todo")]
    state: State,
    written_at: DateTime<Utc>,
    #[syncable(local)]
    scroll_position: Option<i64>,
}

/// The progress of a note.
#[derive(Debug, Clone, Copy, FieldValue)]
#[syncable(rename_all = "lowercase")]
enum State {
    Todo,
    Done,
}

profile! {
    /// The models that sync.
    Notes = "notes" { Note }
}

fn main() -> ExitCode {
    App::new()
        .name("notes")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Keeps notes in step on all of my machines")
        .database(path())
        .command(command, add)
        .main::<Notes>()
}

fn path() -> PathBuf {
    std::env::var_os("NOTES_DB").unwrap_or_else(|| "notes.sqlite3".into()).into()
}

fn command() -> Command {
    Command::new("add")
        .about("Add a note, and print its id")
        .arg(Arg::new("title").required(true).value_name("TITLE").help("What it says"))
        .arg(Arg::new("done").long("done").action(ArgAction::SetTrue).help("It is done already"))
}

fn add(arguments: &ArgMatches) -> Result<String, BoxError> {
    let title = arguments.get_one::<String>("title").cloned().unwrap_or_default();
    let state = if arguments.get_flag("done") { State::Done } else { State::Todo };
    let database = open(&path())?;
    let mut note = Note { id: RecordId::NEW, title, state, written_at: Utc::now(), scroll_position: None };
    database.insert(&mut note)?;
    database.close()?;
    Ok(note.id.to_string())
}

fn open(path: &Path) -> Result<Database, BoxError> {
    let mut database = Database::open(path)?;
    database.create::<Notes>()?;
    Ok(database)
}

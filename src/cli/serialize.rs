//! The command `serialize`.

use std::cell::Cell;
use std::io::IsTerminal as _;

use anyhow::Context as _;
use serde::Serialize;

use super::arguments::{Commit, SerializeArguments};
use super::interrupt::{self, Interrupted};
use super::space::Room;
use super::step::Step;
use super::{database, memory, output};
use crate::policy::{Letter, dead_letter};
use crate::sqlite::flow::HeldBack;
use crate::sqlite::{FailedRow, RunError};
use crate::{Bar, CancelToken, Failure, Profile, Serialized, for_each};

/// Estimates below this size are not announced.
const LARGE_BYTES: u64 = 100 << 20;

pub(super) fn run<P: Profile>(name: &str, arguments: &SerializeArguments) -> anyhow::Result<()> {
    let token = interrupt::heed()?;
    let mut skipped = Vec::new();
    let room = Cell::new(Room::default());
    let done = serialize::<P>(name, arguments, &token, &mut skipped, &room);
    for Skipped { table, id, error } in &skipped {
        output::note(name, &format!("skipped record {id} of table {table}: {error}"));
    }
    let path = arguments.database.path().display();
    let serialized = match done {
        Ok(serialized) => serialized,
        Err(error) if error.is_cancelled() => return Err(Interrupted::after(&path, error.committed()).into()),
        Err(error) if error.is_full() && arguments.commit == Commit::Once => {
            let hint = "with `--commit every:20` it needs less room at a time";
            return Err(anyhow::Error::new(error).context(format!("cannot serialize {path}; {hint}")));
        }
        Err(error) => return Err(anyhow::Error::new(error).context(format!("cannot serialize {path}"))),
    };
    let printed = if arguments.json {
        output::json(&Outcome { skipped, room: room.get(), ..Outcome::of(&serialized) })
    } else {
        output::text(&serialized.to_string())
    };
    printed.with_context(|| format!("{path} is serialized"))
}

fn serialize<P: Profile>(
    name: &str,
    arguments: &SerializeArguments,
    token: &CancelToken,
    skipped: &mut Vec<Skipped>,
    room: &Cell<Room>,
) -> Result<Serialized, RunError> {
    let path = arguments.database.path();
    let mut database = database::write_store(path)?;
    let mut serialize = database
        .serialize::<P>()
        // The file may be a copy from another machine, which needs an instance of its own.
        .as_this_machine()
        .busy_timeout(arguments.wait.busy_timeout)
        .cancelled_by(token)
        .read_ahead(true)
        .on_estimate(|estimate| {
            room.set(Room::on(path, estimate));
            announce(name, arguments, room.get());
        });
    // The total of the bar takes a pass over the tables, so it is asked for on a terminal only.
    if std::io::stderr().is_terminal() {
        serialize = serialize.progress(Bar::new("records"));
    }
    for prefix in &arguments.filters {
        serialize = serialize.filter(prefix);
    }
    if let Commit::Every(chunks) = arguments.commit {
        serialize = serialize.commit_every(chunks);
    }
    if arguments.accept_later_schema {
        serialize = serialize.accept_later_schema();
    }
    if arguments.skip > 0 {
        serialize = serialize.on_invalid(dead_letter(for_each(|letter: Letter<FailedRow>| {
            let Letter { item, error, .. } = letter;
            if skipped.len() as u64 == arguments.skip {
                return Err(Failure::new(error).at(item.id).into());
            }
            let error = output::chain(&anyhow::Error::from_boxed(error));
            skipped.push(Skipped { table: item.table, id: item.id, error });
            Ok(())
        })));
    }
    let serialized = serialize.run()?;
    database.close()?;
    Ok(serialized)
}

/// Prints the estimated disk space if it is large, and a warning if less may be free.
fn announce(name: &str, arguments: &SerializeArguments, room: Room) {
    let Room { estimate, free_bytes } = room;
    if free_bytes.is_some_and(|free| free < estimate.bytes()) {
        let hint = match arguments.commit {
            Commit::Once => "; with `--commit every:20` it needs less at a time",
            Commit::Every(_) => "",
        };
        output::note(name, &format!("warning: the disk may get full: {room}{hint}"));
    } else if estimate.bytes() >= LARGE_BYTES && std::io::stderr().is_terminal() {
        output::note(name, &room.to_string());
    }
}

/// The object that `--json` prints.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    records: u64,
    created: u64,
    updated: u64,
    deleted: u64,
    hard_deleted: u64,
    /// Left out if there are none, which is the usual case.
    #[serde(skip_serializing_if = "Option::is_none")]
    only_in_store: Option<u64>,
    skipped: Vec<Skipped>,
    held_back: Vec<Held<'a>>,
    commits: u64,
    instance: &'a str,
    counter: i64,
    #[serde(flatten)]
    room: Room,
    seconds: f64,
    peak_rss_bytes: Option<u64>,
    stages: Vec<Step<'a>>,
}

/// A record that `--skip` left out.
#[derive(Debug, Serialize)]
struct Skipped {
    table: &'static str,
    id: String,
    error: String,
}

/// The rows of a model that stay dirty because another version of the app declares more.
#[derive(Debug, Serialize)]
struct Held<'a> {
    model: &'a str,
    table: &'a str,
    columns: &'a [String],
    rows: u64,
}

impl<'a> Held<'a> {
    fn of(held_back: &'a HeldBack) -> Self {
        let HeldBack { model, table, columns, rows, .. } = held_back;
        Self { model, table, columns, rows: *rows }
    }
}

impl<'a> Outcome<'a> {
    fn of(serialized: &'a Serialized) -> Self {
        Self {
            records: serialized.created + serialized.updated,
            created: serialized.created,
            updated: serialized.updated,
            deleted: serialized.deleted,
            hard_deleted: serialized.hard_deleted,
            only_in_store: Some(serialized.only_in_store).filter(|records| *records > 0),
            skipped: Vec::new(),
            held_back: serialized.held_back.iter().map(Held::of).collect(),
            commits: serialized.commits,
            instance: &serialized.instance,
            counter: serialized.counter,
            room: Room::default(),
            seconds: serialized.elapsed.as_secs_f64(),
            peak_rss_bytes: memory::peak_rss_bytes(),
            stages: serialized.reports.iter().flat_map(Step::all).collect(),
        }
    }
}

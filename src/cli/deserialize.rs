//! The command `deserialize`.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use serde::Serialize;

use super::arguments::DeserializeArguments;
use super::interrupt::{self, Interrupted};
use super::step::Step;
use super::table::printable;
use super::{database, memory, output};
use crate::deserialize::{Deserialized, FailedRecord, ModelDeserialized};
use crate::report::plural;
use crate::sqlite::RunError;
use crate::{Bar, CancelToken, Profile};

pub(super) fn run<P: Profile>(arguments: &DeserializeArguments) -> anyhow::Result<()> {
    let token = interrupt::heed()?;
    let path = arguments.database.path().display();
    let deserialized = match deserialize::<P>(arguments, &token) {
        Ok(deserialized) => deserialized,
        Err(error) if error.is_cancelled() => return Err(Interrupted::after(&path, None).into()),
        Err(error) => return Err(anyhow::Error::new(error).context(format!("cannot deserialize {path}"))),
    };
    let printed = if arguments.json {
        output::json(&Outcome::of(&deserialized))
    } else {
        output::text(&sentences(deserialized))
    };
    printed.with_context(|| format!("{path} is deserialized"))
}

fn deserialize<P: Profile>(
    arguments: &DeserializeArguments,
    token: &CancelToken,
) -> Result<Deserialized, RunError> {
    let mut database = database::write_store(arguments.database.path())?;
    let mut deserialize =
        database.deserialize::<P>().busy_timeout(arguments.wait.busy_timeout).cancelled_by(token);
    // The total of the bar takes a pass over the store, so it is asked for on a terminal only.
    if std::io::stderr().is_terminal() {
        deserialize = deserialize.progress(Bar::new("records"));
    }
    for prefix in &arguments.filters {
        deserialize = deserialize.filter(prefix);
    }
    if arguments.skip_erroring {
        deserialize = deserialize.skip_erroring();
    }
    if arguments.accept_later_schema {
        deserialize = deserialize.accept_later_schema();
    }
    let deserialized = deserialize.run()?;
    database.close()?;
    Ok(deserialized)
}

/// The report, and what to do about records that stay in the store.
fn sentences(mut deserialized: Deserialized) -> String {
    // The text of a failure may be that of a trigger.
    for failure in &mut deserialized.first_failures {
        failure.text = printable(&failure.text);
    }
    let mut lines = vec![deserialized.to_string()];
    let named = deserialized.first_failures.len() as u64;
    if deserialized.failed() > named {
        let records = plural(deserialized.failed(), "record");
        lines.push(format!("of {records} that failed {named} are named: `status` has the others"));
    }
    if deserialized.unsaved() > 0 {
        lines.push("run `serialize`, then `deserialize` again, for the records that wait".to_owned());
    }
    lines.join("\n")
}

/// The object that `--json` prints.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    records: u64,
    created: u64,
    updated: u64,
    deleted: u64,
    passed_on: u64,
    cascaded: u64,
    unsaved: u64,
    failed: u64,
    unknown: u64,
    other_source_ids: u64,
    models: Vec<Changes<'a>>,
    first_failures: Vec<Failed<'a>>,
    further_passes: u32,
    seconds: f64,
    peak_rss_bytes: Option<u64>,
    stages: Vec<Step<'a>>,
}

/// The changes of one model.
#[derive(Debug, Serialize)]
struct Changes<'a> {
    model: &'a str,
    created: u64,
    updated: u64,
    deleted: u64,
    passed_on: u64,
    cascaded: u64,
    unsaved: u64,
    failed: u64,
    failures: Vec<Class<'a>>,
}

/// The number of records of a model that failed with one class.
#[derive(Debug, Serialize)]
struct Class<'a> {
    class: &'a str,
    records: u64,
}

/// A record that failed.
#[derive(Debug, Serialize)]
struct Failed<'a> {
    model: &'a str,
    id: String,
    class: &'a str,
    text: &'a str,
}

impl<'a> Outcome<'a> {
    fn of(deserialized: &'a Deserialized) -> Self {
        Self {
            records: deserialized.records(),
            created: deserialized.created(),
            updated: deserialized.updated(),
            deleted: deserialized.deleted(),
            passed_on: deserialized.passed_on(),
            cascaded: deserialized.cascaded(),
            unsaved: deserialized.unsaved(),
            failed: deserialized.failed(),
            unknown: deserialized.unknown,
            other_source_ids: deserialized.other_source_ids,
            models: deserialized.models.iter().map(Changes::of).collect(),
            first_failures: deserialized.first_failures.iter().map(Failed::of).collect(),
            further_passes: deserialized.further_passes,
            seconds: deserialized.elapsed.as_secs_f64(),
            peak_rss_bytes: memory::peak_rss_bytes(),
            stages: deserialized.report.iter().flat_map(Step::all).collect(),
        }
    }
}

impl<'a> Changes<'a> {
    fn of(changes: &'a ModelDeserialized) -> Self {
        let classes = changes.failed.iter();
        Self {
            model: changes.model,
            created: changes.created,
            updated: changes.updated,
            deleted: changes.deleted,
            passed_on: changes.passed_on,
            cascaded: changes.cascaded,
            unsaved: changes.unsaved,
            failed: changes.failures(),
            failures: classes.map(|(class, records)| Class { class, records: *records }).collect(),
        }
    }
}

impl<'a> Failed<'a> {
    fn of(failed: &'a FailedRecord) -> Self {
        let FailedRecord { model, id, class, text, .. } = failed;
        Self { model, id: id.to_string(), class, text }
    }
}

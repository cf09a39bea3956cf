//! The command `status`.

use std::path::Path;

use anstyle::Style;
use anyhow::Context as _;
use indicatif::HumanBytes;
use serde::Serialize;

use super::arguments::StatusArguments;
use super::table::{DIFFERENT, HEADING, Table, printable, width_of_stdout};
use super::{App, KnownFailure, database, output};
use crate::report::plural;
use crate::sqlite::{BufferedSession, Cleanup, FailedRecords, ModelStatus};
use crate::{DatabaseError, Profile};

pub(super) fn run<P: Profile>(app: &App, arguments: &StatusArguments) -> anyhow::Result<()> {
    let path = arguments.database.path();
    let Found { models, failures, buffers } =
        find::<P>(path).with_context(|| format!("cannot read the status of {}", path.display()))?;
    let mut lines: Vec<_> = models.iter().map(Line::of).collect();
    for failure in &failures {
        if let Some(line) = lines.iter_mut().find(|line| line.model == failure.model) {
            line.failures.push(Failure::of(failure, app.known_failures));
        }
    }
    if arguments.json {
        return output::json(&lines);
    }
    let mut text = table(&lines).text(width_of_stdout());
    for line in &lines {
        text.extend(line.notes().into_iter().flat_map(|note| ["\n".to_owned(), note]));
    }
    text.extend(buffers_of(&buffers));
    output::text(&text)
}

struct Found {
    models: Vec<ModelStatus>,
    failures: Vec<FailedRecords>,
    buffers: Vec<BufferedSession>,
}

fn find<P: Profile>(path: &Path) -> Result<Found, DatabaseError> {
    let database = database::read(path)?;
    Ok(Found {
        models: database.status::<P>()?,
        failures: database.failures::<P>()?,
        buffers: database.buffers(Cleanup::OLDER_THAN)?,
    })
}

/// A line about the rows that transfers left in the buffers.
fn buffers_of(sessions: &[BufferedSession]) -> Option<String> {
    if sessions.is_empty() {
        return None;
    }
    let (dead, others): (Vec<_>, Vec<_>) = sessions.iter().partition(|session| session.state.is_dead());
    let amount = |sessions: &[&BufferedSession]| {
        let records = sessions.iter().map(|session| session.records).sum();
        let bytes = sessions.iter().map(|session| session.bytes).sum();
        let (records, sessions) = (plural(records, "record"), plural(sessions.len() as u64, "transfer"));
        format!("{records} ({}) of {sessions}", HumanBytes(bytes))
    };
    let mut text = String::new();
    if !others.is_empty() {
        text.extend(["\n", &amount(&others), " in buffers: running, recent, or to be resumed"]);
    }
    if !dead.is_empty() {
        text.extend(["\n", &amount(&dead), " left in buffers: see `cleanup`"]);
    }
    Some(text)
}

/// An error of received records.
#[derive(Debug, Serialize)]
struct Failure<'a> {
    class: &'a str,
    text: &'a str,
    records: u64,
    first: &'a [String],
    /// The explanation, if the error is a known one.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'static str>,
}

impl<'a> Failure<'a> {
    fn of(failed: &'a FailedRecords, known: &[KnownFailure]) -> Self {
        let is_known =
            |known: &&KnownFailure| failed.model == known.model && failed.text.contains(known.text);
        let explanation = known.iter().find(is_known).map(|known| known.explanation);
        Self {
            class: &failed.class,
            text: &failed.text,
            records: failed.records.count,
            first: &failed.records.first,
            known: explanation
                .or(failed.follows_another().then_some("they fail with a record that they refer to")),
        }
    }

    fn note(&self) -> String {
        let records = plural(self.records, "record");
        let class = self.class.rsplit('.').next().unwrap_or_default();
        let text = if self.text.is_empty() { "other errors" } else { self.text };
        let mut note = format!("  {records} failed: {class}: {}", printable(text));
        match self.known {
            Some(known) => note.extend([" (known: ", known, ")"]),
            None => note.extend([", such as ", &printable(self.first.first().map_or("", String::as_str))]),
        }
        note
    }
}

/// The counts of one model. `--json` prints an array of these.
#[derive(Debug, Default, Serialize)]
struct Line<'a> {
    model: &'a str,
    /// Left out for a model of the profile.
    #[serde(rename = "declared", skip_serializing_if = "Clone::clone")]
    is_declared: bool,
    rows: u64,
    dirty: u64,
    stored: u64,
    deleted: u64,
    in_conflict: u64,
    /// Left out if there are none, which is the usual case; so are those below.
    #[serde(skip_serializing_if = "Option::is_none")]
    only_in_store: Option<u64>,
    /// The rows of the store that wait for the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<u64>,
    /// Those that could not be written to the app's table.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<Failure<'a>>,
}

impl<'a> Line<'a> {
    fn of(status: &'a ModelStatus) -> Self {
        Self {
            model: &status.model,
            is_declared: status.is_declared,
            rows: status.rows,
            dirty: status.dirty,
            stored: status.stored,
            deleted: status.deleted,
            in_conflict: status.in_conflict,
            only_in_store: Some(status.only_in_store).filter(|records| *records > 0),
            waiting: Some(status.waiting).filter(|records| *records > 0),
            failed: Some(status.failed).filter(|records| *records > 0),
            failures: Vec::new(),
        }
    }

    /// The lines below the table: records that wait or failed.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let model = printable(self.model);
        if let Some(records) = self.only_in_store {
            let records = plural(records, "record");
            notes.push(format!("{records} of `{model}` only in the store: see `check --deep`"));
        }
        if let Some(waiting) = self.waiting {
            notes
                .push(format!("{} of `{model}` in the store, not in the app yet", plural(waiting, "record")));
        }
        notes.extend(self.failures.iter().map(Failure::note));
        notes
    }

    fn add(mut self, other: &Self) -> Self {
        self.rows += other.rows;
        self.dirty += other.dirty;
        self.stored += other.stored;
        self.deleted += other.deleted;
        self.in_conflict += other.in_conflict;
        self
    }
}

/// A line for each model and one for the sum. Models with dirty or conflicting records are highlighted.
fn table(lines: &[Line<'_>]) -> Table {
    let all = lines.iter().fold(Line { model: "all", is_declared: true, ..Line::default() }, Line::add);
    let mut table = Table::default();
    let rows: Vec<(Style, [String; 6])> = [(HEADING, HEADINGS.map(str::to_owned))]
        .into_iter()
        .chain(lines.iter().chain([&all]).map(|line| {
            let Line { model, is_declared, rows, dirty, stored, deleted, in_conflict, .. } = line;
            let undeclared = if *is_declared { "" } else { " (not declared)" };
            let model = format!("{}{undeclared}", printable(model));
            let style = if dirty + in_conflict > 0 { DIFFERENT } else { Style::new() };
            (
                style,
                [&model as &dyn std::fmt::Display, rows, dirty, stored, deleted, in_conflict]
                    .map(ToString::to_string),
            )
        }))
        .collect();
    let widths: [usize; 6] =
        std::array::from_fn(|column| rows.iter().map(|(_, cells)| cells[column].len()).max().unwrap_or(0));
    for (style, cells) in rows {
        // Numbers are aligned to the right.
        let cells = cells
            .into_iter()
            .zip(widths)
            .enumerate()
            .map(|(column, (cell, width))| if column == 0 { cell } else { format!("{cell:>width$}") });
        table.row(style, cells);
    }
    table
}

const HEADINGS: [&str; 6] = ["model", "rows", "dirty", "stored", "deleted", "in conflict"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_ends_in_a_sum() {
        let line = |model, rows, dirty| Line {
            model,
            is_declared: true,
            rows,
            dirty,
            stored: 1,
            in_conflict: 2,
            ..Line::default()
        };
        let lines = [line("note", 20, 3), line("notebook", 1, 0)];
        let expected = "\
            model     rows  dirty  stored  deleted  in conflict
\
            note        20      3       1        0            2
\
            notebook     1      0       1        0            2
\
            all         21      3       2        0            4";
        assert_eq!(anstream::adapter::strip_str(&table(&lines).text(None)).to_string(), expected);
    }
}

//! The command `status`.

use anstyle::Style;
use anyhow::Context as _;
use serde::Serialize;

use super::arguments::StatusArguments;
use super::table::{DIFFERENT, HEADING, Table, printable, width_of_stdout};
use super::{database, output};
use crate::Profile;
use crate::report::plural;
use crate::sqlite::ModelStatus;

pub(super) fn run<P: Profile>(arguments: &StatusArguments) -> anyhow::Result<()> {
    let path = arguments.database.path();
    let models = database::read(path)
        .and_then(|database| database.status::<P>())
        .with_context(|| format!("cannot read the status of {}", path.display()))?;
    let lines: Vec<_> = models.iter().map(Line::of).collect();
    if arguments.json {
        return output::json(&lines);
    }
    let mut text = table(&lines).text(width_of_stdout());
    for line in &lines {
        let Some(only_in_store) = line.only_in_store else { continue };
        let (model, records) = (line.model, plural(only_in_store, "record"));
        text.extend(["\n", &records, " of `", model, "` only in the store: see `check --deep`"]);
    }
    output::text(&text)
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
    /// Left out if there are none, which is the usual case.
    #[serde(skip_serializing_if = "Option::is_none")]
    only_in_store: Option<u64>,
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
        }
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

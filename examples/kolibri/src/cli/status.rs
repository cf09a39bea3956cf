//! The command `status`.

use std::fmt::Write as _;

use anyhow::Context as _;
use serde::Serialize;
use syncline::{Database, ModelStatus, Profile};

use super::{StatusArguments, output};

pub(super) fn run<P: Profile>(arguments: &StatusArguments) -> anyhow::Result<()> {
    let path = &arguments.database;
    let models = Database::open_read_only(path)
        .and_then(|database| database.status::<P>())
        .with_context(|| format!("cannot read the status of {}", path.display()))?;
    let lines: Vec<_> = models.iter().map(Line::of).collect();
    if arguments.json { output::json(&lines) } else { output::text(&table(&lines)) }
}

/// One model; what `--json` prints an array of.
#[derive(Debug, Default, Serialize)]
struct Line<'a> {
    model: &'a str,
    rows: u64,
    dirty: u64,
    stored: u64,
    deleted: u64,
    in_conflict: u64,
}

impl<'a> Line<'a> {
    fn of(status: &'a ModelStatus) -> Self {
        Self {
            model: status.model,
            rows: status.rows,
            dirty: status.dirty,
            stored: status.stored,
            deleted: status.deleted,
            in_conflict: status.in_conflict,
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

fn table(lines: &[Line<'_>]) -> String {
    let all = lines.iter().fold(Line { model: "all", ..Line::default() }, Line::add);
    let width = lines.iter().map(|line| line.model.len()).max().unwrap_or(0).max("model".len());
    let mut table = format!(
        "{:width$}  {:>10}  {:>10}  {:>10}  {:>10}  {:>11}",
        "model", "rows", "dirty", "stored", "deleted", "in conflict"
    );
    for Line { model, rows, dirty, stored, deleted, in_conflict } in lines.iter().chain([&all]) {
        write!(
            table,
            "\n{model:width$}  {rows:>10}  {dirty:>10}  {stored:>10}  {deleted:>10}  {in_conflict:>11}"
        )
        .expect("a string takes all that is written to it");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_ends_in_a_sum() {
        let line = |model, rows, dirty| Line { model, rows, dirty, stored: 1, deleted: 0, in_conflict: 2 };
        let lines = [line("note", 20, 3), line("notebook", 1, 0)];
        let expected = "\
            model           rows       dirty      stored     deleted  in conflict\n\
            note              20           3           1           0            2\n\
            notebook           1           0           1           0            2\n\
            all               21           3           2           0            4";
        assert_eq!(table(&lines), expected);
    }
}

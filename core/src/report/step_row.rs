//! The row of one step in the report of a run that is no stream.

use std::time::Duration;

use super::rows::share_out;
use super::{Report, StageReport, Tally};

/// The counts and the time of one step of [`Steps`](crate::Steps). `None`: never counted.
#[derive(Debug)]
pub(crate) struct StepRow {
    pub(crate) name: &'static str,
    pub(crate) items_in: Option<u64>,
    pub(crate) items_out: Option<u64>,
    pub(crate) filtered: u64,
    /// How often the step itself failed.
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    pub(crate) retried: u64,
    pub(crate) time: Duration,
}

impl StepRow {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            items_in: None,
            items_out: None,
            filtered: 0,
            failed: 0,
            skipped: 0,
            retried: 0,
            time: Duration::ZERO,
        }
    }

    /// Adds another run of the same step.
    pub(crate) fn add(&mut self, other: &Self) {
        let add = |sum: &mut Option<u64>, items: Option<u64>| {
            if let Some(items) = items {
                *sum.get_or_insert(0) += items;
            }
        };
        add(&mut self.items_in, other.items_in);
        add(&mut self.items_out, other.items_out);
        self.filtered += other.filtered;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.retried += other.retried;
        self.time += other.time;
    }
}

impl From<&StepRow> for StageReport {
    fn from(row: &StepRow) -> Self {
        let tally = Tally { skipped: row.skipped, retried: row.retried, ..Tally::default() };
        Self {
            items_in: row.items_in,
            items_out: row.items_out,
            singles_in: row.items_in,
            singles_out: row.items_out,
            filtered: row.filtered,
            busy: row.time,
            ..Self::new(row.name, row.failed, tally)
        }
    }
}

impl Report {
    /// The report of a run whose steps were measured one by one.
    pub(crate) fn of_steps(pipeline: String, rows: &[StepRow], elapsed: Duration) -> Self {
        let mut stages: Vec<_> = rows.iter().map(StageReport::from).collect();
        share_out(&mut stages);
        Self { pipeline, stages, elapsed }
    }
}

//! The builder of a report: a chain adds its rows, source first.

use std::time::Duration;

use super::{Report, StageReport};
use crate::report::Tally;
use crate::report::meter::Counters;
use crate::stage::{Chunking, StageFacts, Yield};

/// The rows of a report under construction, source first.
#[derive(Debug, Default)]
pub struct Rows {
    stages: Vec<StageReport>,
    last_out: Option<u64>,
    /// The chunks on the edge behind the last row, the innermost first, with the number of their items if it is known.
    /// Empty for single items.
    chunks: Vec<Option<u64>>,
    behind: Duration,
    timed: u64,
    source_waited: Duration,
}

/// The output of a stage, for the layout of chunks.
#[derive(Debug)]
pub(crate) struct StageOutput {
    pub(crate) facts: StageFacts,
    /// The number of items that it holds for the next chunk.
    pub(crate) held: usize,
    /// The name of the type that it emits.
    pub(crate) ty: &'static str,
}

/// The row of a sink.
#[derive(Debug)]
pub(crate) struct SinkRow {
    pub(crate) name: &'static str,
    pub(crate) failed: u64,
    pub(crate) tally: Tally,
    /// The time that the sink waited for something outside of the run.
    pub(crate) waited: Duration,
    /// The time of `finish`.
    pub(crate) finishing: Duration,
    /// The time spent on items of timed chunks outside of these chunks: by the code that takes the items of an
    /// iterator.
    pub(crate) taking: Duration,
}

impl SinkRow {
    /// The row of a sink with a name and nothing else.
    pub(crate) fn named(name: &'static str) -> Self {
        Self {
            name,
            failed: 0,
            tally: Tally::default(),
            waited: Duration::ZERO,
            finishing: Duration::ZERO,
            taking: Duration::ZERO,
        }
    }
}

/// The length of a run, and the part of it in which its source had no items.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunTime {
    pub(crate) elapsed: Duration,
    pub(crate) idled: Duration,
}

impl Rows {
    /// Creates it. `advancing` is the time of all timed chunks.
    pub(crate) fn new(advancing: Duration) -> Self {
        Self { behind: advancing, ..Self::default() }
    }

    /// The time that the source has waited.
    pub(crate) fn source_waited(&self) -> Duration {
        self.source_waited
    }

    /// The items that the source and the stages have left out and tried again.
    pub(crate) fn tally(&self) -> Tally {
        let of_each = self.stages.iter().map(|row| Tally {
            skipped: row.skipped,
            retried: row.retried,
            split: row.split,
            ..Tally::default()
        });
        of_each.fold(Tally::default(), Tally::plus)
    }

    /// The names of the rows so far.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.stages.iter().map(|stage| stage.name)
    }

    /// The number of timed calls.
    pub(crate) fn timed(&self) -> u64 {
        self.timed
    }

    pub(crate) fn source(&mut self, name: &'static str, counters: &Counters, tally: Tally, waited: Duration) {
        self.source_waited = waited;
        let row = StageReport::new(name, counters.failed, tally);
        self.row(StageReport { items_out: Some(counters.out), ..row }, counters);
        self.set_out();
    }

    pub(crate) fn stage(
        &mut self,
        name: &'static str,
        made: &StageOutput,
        counters: &Counters,
        tally: Tally,
    ) {
        let taken = self.last_out.unwrap_or(0);
        let failed = counters.failed + tally.skipped - tally.handed_on;
        let (out, filtered) = match made.facts.yields {
            Yield::One => (taken - failed.min(taken), 0),
            Yield::AtMostOne => (counters.out, taken.saturating_sub(counters.out + failed)),
            Yield::Any => (counters.out, 0),
        };
        let row = StageReport::new(name, counters.failed, tally);
        self.row(StageReport { items_in: Some(taken), items_out: Some(out), filtered, ..row }, counters);
        match made.facts.chunking {
            Chunking::Gathers => self.chunks.push(Some(taken.saturating_sub(made.held as u64))),
            Chunking::TakesApart => {
                self.chunks.pop();
            }
            Chunking::Keeps => {
                if filtered > 0 || failed > 0 {
                    self.forget_items();
                }
            }
            // Only the type's name is known. If a chunk comes in and a `Vec` goes out, that is still a chunk.
            Chunking::Other if made.ty.starts_with("alloc::vec::Vec<") => self.forget_items(),
            Chunking::Other => self.chunks.clear(),
        }
        self.set_out();
    }

    /// Adds `time` of the next row and those behind it that the edge before does not measure.
    #[cfg(feature = "futures")]
    pub(crate) fn outside(&mut self, time: Duration) {
        self.behind += time;
    }

    /// Skips a stage that the user did not declare. Its items count for the next stage.
    pub(crate) fn hidden(&mut self, counters: &Counters) {
        self.timed += counters.timed;
    }

    fn row(&mut self, mut row: StageReport, counters: &Counters) {
        row.busy = self.behind.saturating_sub(counters.behind);
        self.set_in(&mut row);
        self.last_out = row.items_out;
        self.stages.push(row);
        self.behind = counters.behind;
        self.timed += counters.timed;
    }

    fn forget_items(&mut self) {
        if let Some(items) = self.chunks.last_mut() {
            *items = None;
        }
    }

    fn set_in(&self, row: &mut StageReport) {
        (row.chunks_in, row.singles_in) = self.travelling(row.items_in);
    }

    fn set_out(&mut self) {
        let Some(mut row) = self.stages.pop() else { return };
        (row.chunks_out, row.singles_out) = self.travelling(row.items_out);
        self.stages.push(row);
    }

    /// The number of chunks and of single items for `crossed` items, if they are known.
    fn travelling(&self, crossed: Option<u64>) -> (Option<u64>, Option<u64>) {
        match self.chunks.as_slice() {
            [] => (None, crossed),
            [items] => (crossed, *items),
            [..] => (crossed, None),
        }
    }

    /// Returns the report, with the row of the sink as the last row.
    pub(crate) fn into_report(mut self, pipeline: String, sink: &SinkRow, time: RunTime) -> Report {
        let row = StageReport::new(sink.name, sink.failed, sink.tally);
        let mut last = StageReport { items_in: self.last_out, busy: self.behind + sink.taking, ..row };
        self.set_in(&mut last);
        self.stages.push(last);
        let Self { mut stages, source_waited, .. } = self;
        // Only a sample of the chunks was timed. So the times give the proportions, and the length of the run gives the
        // scale.
        let sampled: Duration = stages.iter().map(|stage| stage.busy).sum();
        let advancing = time.elapsed.saturating_sub(time.idled).saturating_sub(sink.finishing);
        if sampled > Duration::ZERO {
            let scale = advancing.as_secs_f64() / sampled.as_secs_f64();
            for stage in &mut stages {
                stage.busy = stage.busy.mul_f64(scale);
            }
        }
        let is_timed = sampled > Duration::ZERO;
        if is_timed && let Some(source) = stages.first_mut() {
            source.busy = source.busy.saturating_sub(source_waited);
            source.waited_upstream = source_waited + time.idled;
        }
        if is_timed && let Some(last) = stages.last_mut() {
            last.busy = last.busy.saturating_sub(sink.waited) + sink.finishing;
            last.waited_downstream = sink.waited;
        }
        share_out(&mut stages);
        Report { pipeline, stages, elapsed: time.elapsed }
    }
}

/// Computes the waits. On one thread only one stage works at a time: the stages before it wait for it, and so do the
/// stages behind it.
pub(super) fn share_out(stages: &mut [StageReport]) {
    for stage in &mut *stages {
        stage.cost = stage.busy + stage.waited_upstream + stage.waited_downstream;
    }
    let mut before = Duration::ZERO;
    for stage in &mut *stages {
        let cost = stage.cost;
        stage.waited_upstream += before;
        before += cost;
    }
    let mut behind = Duration::ZERO;
    for stage in stages.iter_mut().rev() {
        let cost = stage.cost;
        stage.waited_downstream += behind;
        behind += cost;
    }
}

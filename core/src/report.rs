//! What a run did, stage by stage.

use std::fmt;
use std::time::Duration;

use crate::gauge::Gauge;
use crate::policy::Tally;
use crate::stage::Yield;

/// What a run did: per stage items in, out, filtered and failed, and time.
///
/// It prints as a table.
#[derive(Debug, Clone)]
pub struct Report {
    pipeline: String,
    stages: Vec<StageReport>,
    elapsed: Duration,
}

impl Report {
    pub(crate) fn new(pipeline: String, mut rows: Rows, sink: &'static str, elapsed: Duration) -> Self {
        rows.stages.push(StageReport {
            name: sink,
            items_in: rows.last_out,
            items_out: None,
            filtered: 0,
            failed: rows.sink_failed + rows.sink_tally.skipped,
            skipped: rows.sink_tally.skipped,
            retried: rows.sink_tally.retried,
            busy: rows.behind,
        });
        // Only a sample of the chunks was timed: what it says is shares, and the whole is known.
        let sampled: Duration = rows.stages.iter().map(|stage| stage.busy).sum();
        if sampled > Duration::ZERO {
            let scale = elapsed.as_secs_f64() / sampled.as_secs_f64();
            for stage in &mut rows.stages {
                stage.busy = stage.busy.mul_f64(scale);
            }
        }
        Self { pipeline, stages: rows.stages, elapsed }
    }

    /// Adds what another run of the same pipeline did, stage by stage. Stages of another name are not added.
    pub fn add(&mut self, other: &Self) {
        self.elapsed += other.elapsed;
        for (stage, other) in self.stages.iter_mut().zip(&other.stages) {
            stage.add(other);
        }
    }

    /// The name of the pipeline.
    #[must_use]
    pub fn pipeline(&self) -> &str {
        &self.pipeline
    }

    /// Source, stages and sink, in order.
    #[must_use]
    pub fn stages(&self) -> &[StageReport] {
        &self.stages
    }

    /// The first stage with that name.
    #[must_use]
    pub fn stage(&self, name: &str) -> Option<&StageReport> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// Where most of the time went: the stage to make faster first. Where nothing was timed, the source.
    #[must_use]
    pub fn bottleneck(&self) -> Option<&StageReport> {
        self.stages.iter().rev().max_by_key(|stage| stage.busy)
    }

    /// From the first item asked for to the last made durable.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// What one source, stage or sink did.
#[derive(Debug, Clone)]
pub struct StageReport {
    name: &'static str,
    items_in: Option<u64>,
    items_out: Option<u64>,
    filtered: u64,
    failed: u64,
    skipped: u64,
    retried: u64,
    busy: Duration,
}

impl StageReport {
    fn add(&mut self, other: &Self) {
        let &Self { name, items_in, items_out, filtered, failed, skipped, retried, busy } = other;
        if name != self.name {
            return;
        }
        self.items_in = self.items_in.zip(items_in).map(|(ours, theirs)| ours + theirs);
        self.items_out = self.items_out.zip(items_out).map(|(ours, theirs)| ours + theirs);
        self.filtered += filtered;
        self.failed += failed;
        self.skipped += skipped;
        self.retried += retried;
        self.busy += busy;
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }

    /// What it took, counting a chunk as one. `None` for a source.
    #[must_use]
    pub fn items_in(&self) -> Option<u64> {
        self.items_in
    }

    /// What it handed on, counting a chunk as one. `None` for a sink.
    #[must_use]
    pub fn items_out(&self) -> Option<u64> {
        self.items_out
    }

    /// Items that it took and handed nothing on for, where it hands on at most one for each.
    #[must_use]
    pub fn filtered(&self) -> u64 {
        self.filtered
    }

    /// Items that it failed at, whether or not that ended the run.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// Items that it failed at and that were left out by its [`Policy`](crate::Policy).
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// How often its [`Policy`](crate::Policy) tried an item again.
    #[must_use]
    pub fn retried(&self) -> u64 {
        self.retried
    }

    /// About how long it worked, itself: what later stages did meanwhile is theirs.
    ///
    /// Taken from a sample of the chunks, all of them when reading the clock costs little beside the work.
    #[must_use]
    pub fn busy(&self) -> Duration {
        self.busy
    }
}

/// The rows of a report while a chain describes itself, upstream first.
#[derive(Debug, Default)]
pub struct Rows {
    stages: Vec<StageReport>,
    last_out: Option<u64>,
    behind: Duration,
    timed: u64,
    sink_failed: u64,
    sink_tally: Tally,
}

impl Rows {
    /// `advancing` is how long the chunks that were timed took altogether.
    pub(crate) fn new(advancing: Duration, sink_failed: u64, sink_tally: Tally) -> Self {
        Self { behind: advancing, sink_failed, sink_tally, ..Self::default() }
    }

    /// How many hand-overs were timed.
    pub(crate) fn timed(&self) -> u64 {
        self.timed
    }

    pub(crate) fn source(&mut self, name: &'static str, gauge: &Gauge) {
        self.row(name, None, gauge.out, 0, gauge, Tally::default());
    }

    pub(crate) fn stage(&mut self, name: &'static str, yields: Yield, gauge: &Gauge, tally: Tally) {
        let taken = self.last_out.unwrap_or(0);
        let failed = gauge.failed + tally.skipped;
        let (out, filtered) = match yields {
            Yield::One => (taken - failed.min(taken), 0),
            Yield::AtMostOne => (gauge.out, taken.saturating_sub(gauge.out + failed)),
            Yield::Any => (gauge.out, 0),
        };
        self.row(name, Some(taken), out, filtered, gauge, tally);
    }

    fn row(
        &mut self,
        name: &'static str,
        items_in: Option<u64>,
        out: u64,
        filtered: u64,
        gauge: &Gauge,
        tally: Tally,
    ) {
        let busy = self.behind.saturating_sub(gauge.behind);
        self.stages.push(StageReport {
            name,
            items_in,
            items_out: Some(out),
            filtered,
            failed: gauge.failed + tally.skipped,
            skipped: tally.skipped,
            retried: tally.retried,
            busy,
        });
        self.last_out = Some(out);
        self.behind = gauge.behind;
        self.timed += gauge.timed;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.stages.iter().map(|stage| stage.name.len()).max().unwrap_or(0).max("stage".len());
        writeln!(
            f,
            "{:width$}  {:>10}  {:>10}  {:>10}  {:>8}  {:>10}",
            "stage", "in", "out", "filtered", "failed", "time"
        )?;
        for stage in &self.stages {
            let count = |items: Option<u64>| items.map_or_else(|| "-".to_owned(), |items| items.to_string());
            writeln!(
                f,
                "{:width$}  {:>10}  {:>10}  {:>10}  {:>8}  {:>8.3} s",
                stage.name,
                count(stage.items_in),
                count(stage.items_out),
                stage.filtered,
                stage.failed,
                stage.busy.as_secs_f64(),
            )?;
        }
        write!(f, "{}: {:.3} s in all", self.pipeline, self.elapsed.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{Collect, Pipeline, from_iter};

    #[test]
    fn what_another_run_did_is_added() {
        let run = |n| {
            let numbers = Pipeline::new("numbers", from_iter(0..n));
            numbers.filter(|n| n % 2 == 0).end(Collect::new()).run().unwrap().report
        };
        let mut report = run(10);
        let alone = report.elapsed();
        let other = run(5);
        report.add(&other);
        let filter = report.stage("filter").unwrap();
        assert_eq!((filter.items_in(), filter.items_out(), filter.filtered()), (Some(15), Some(8), 7));
        assert_eq!(report.stages()[0].items_in(), None);
        assert_eq!(report.elapsed(), alone + other.elapsed());
    }

    #[test]
    fn the_slow_stage_is_the_bottleneck() {
        let outcome = Pipeline::new("slow", from_iter(0..10))
            .map(|n| n + 1)
            .filter(|_| {
                std::thread::sleep(Duration::from_millis(2));
                true
            })
            .map(|n| n + 1)
            .end(Collect::new())
            .run()
            .unwrap();
        assert_eq!(outcome.report.bottleneck().map(super::StageReport::name), Some("filter"));
    }
}

//! Reports: the counts and times of a run, stage by stage.

pub(crate) mod meter;
pub(crate) mod plural;
mod rows;
pub(crate) mod short_name;
mod step_row;
mod tally;

use std::fmt;
use std::time::Duration;

pub use meter::{Meter, Metered, Unmetered};
#[doc(hidden)]
pub use plural::plural;
pub use rows::Rows;
pub(crate) use rows::{RunTime, SinkRow, StageOutput};
pub(crate) use step_row::StepRow;
pub use tally::Tally;

/// The report of a run. It lists for each stage the items and chunks in and out, the filtered, failed and retried
/// items, and the time.
///
/// It prints as a table, of 100 columns unless a stage has a long name:
///
/// ```text
/// stage           in         out  filtered  failed   working  upstream  downstream
/// lines            -        1000         0       0   0.101 s         -     1.402 s
/// buffer        1000    2 chunks         0       0   0.001 s   0.101 s     1.401 s
/// Write     2 chunks           -         0       0   1.401 s   0.102 s           -
/// Copy: 1.503 s in all, most of it in Write
/// ```
///
/// *Working* is the time of the stage itself. *Upstream* is the time it waited for the stages before it, and
/// *downstream* for the stages behind it. On one thread the three add up to the whole run. For a source, *upstream* is
/// the time in which it had no items. For a sink, *downstream* is the time it waited for room elsewhere, for example in
/// a channel. A stage on several threads works as long as the run waits for it.
#[derive(Debug, Clone)]
pub struct Report {
    pipeline: String,
    stages: Vec<StageReport>,
    elapsed: Duration,
}

impl Report {
    /// Adds the report of another run of the same pipeline, stage by stage. Stages with another name are not added.
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

    /// The source, the stages and the sink, in order.
    #[must_use]
    pub fn stages(&self) -> &[StageReport] {
        &self.stages
    }

    /// The first stage with this name.
    #[must_use]
    pub fn stage(&self, name: &str) -> Option<&StageReport> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// The stage with the largest part of the time: the one to make faster first. For a source without items, or a sink
    /// without room, the time includes the wait. Without any measurement it is the source.
    #[must_use]
    pub fn bottleneck(&self) -> Option<&StageReport> {
        self.stages.iter().rev().max_by_key(|stage| stage.cost)
    }

    /// The time from the first request for an item until the last item is durable.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// The report of one source, stage or sink.
#[derive(Debug, Clone)]
pub struct StageReport {
    name: &'static str,
    items_in: Option<u64>,
    items_out: Option<u64>,
    chunks_in: Option<u64>,
    chunks_out: Option<u64>,
    singles_in: Option<u64>,
    singles_out: Option<u64>,
    filtered: u64,
    failed: u64,
    skipped: u64,
    retried: u64,
    split: u64,
    busy: Duration,
    waited_upstream: Duration,
    waited_downstream: Duration,
    /// The time that the run would save without the stage: its work, and its waits for anything outside of the run.
    cost: Duration,
}

impl StageReport {
    fn new(name: &'static str, failed: u64, tally: Tally) -> Self {
        Self {
            name,
            items_in: None,
            items_out: None,
            chunks_in: None,
            chunks_out: None,
            singles_in: None,
            singles_out: None,
            filtered: 0,
            failed: failed + tally.skipped,
            skipped: tally.skipped,
            retried: tally.retried,
            split: tally.split,
            busy: Duration::ZERO,
            waited_upstream: Duration::ZERO,
            waited_downstream: Duration::ZERO,
            cost: Duration::ZERO,
        }
    }

    fn add(&mut self, other: &Self) {
        let &Self { name, items_in, items_out, chunks_in, chunks_out, singles_in, singles_out, .. } = other;
        let &Self { filtered, failed, skipped, retried, split, .. } = other;
        let &Self { busy, waited_upstream, waited_downstream, cost, .. } = other;
        if name != self.name {
            return;
        }
        let sum =
            |ours: Option<u64>, theirs| ours.zip(theirs).map(|(ours, theirs): (u64, u64)| ours + theirs);
        self.items_in = sum(self.items_in, items_in);
        self.items_out = sum(self.items_out, items_out);
        self.chunks_in = sum(self.chunks_in, chunks_in);
        self.chunks_out = sum(self.chunks_out, chunks_out);
        self.singles_in = sum(self.singles_in, singles_in);
        self.singles_out = sum(self.singles_out, singles_out);
        self.filtered += filtered;
        self.failed += failed;
        self.skipped += skipped;
        self.retried += retried;
        self.split += split;
        self.busy += busy;
        self.waited_upstream += waited_upstream;
        self.waited_downstream += waited_downstream;
        self.cost += cost;
    }

    /// The stage's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }

    /// The number of items taken; a chunk is one item. `None` for a source.
    #[must_use]
    pub fn items_in(&self) -> Option<u64> {
        self.items_in
    }

    /// The number of items emitted; a chunk is one item. `None` for a sink.
    #[must_use]
    pub fn items_out(&self) -> Option<u64> {
        self.items_out
    }

    /// The number of chunks taken. `None` if the stage takes single items.
    #[must_use]
    pub fn chunks_in(&self) -> Option<u64> {
        self.chunks_in
    }

    /// The number of chunks emitted. `None` if the stage emits single items.
    #[must_use]
    pub fn chunks_out(&self) -> Option<u64> {
        self.chunks_out
    }

    /// The number of single items taken, including those in chunks. `None` for a source, and behind a stage that made
    /// chunks of its own, whose items are not counted.
    #[must_use]
    pub fn singles_in(&self) -> Option<u64> {
        self.singles_in
    }

    /// The number of single items emitted, as for [`singles_in`](StageReport::singles_in). `None` for a sink.
    #[must_use]
    pub fn singles_out(&self) -> Option<u64> {
        self.singles_out
    }

    /// The number of items for which the stage emitted nothing, if it emits at most one item for each.
    #[must_use]
    pub fn filtered(&self) -> u64 {
        self.filtered
    }

    /// The number of items at which the stage failed, including the one that ended the run.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// The number of failed items that the stage's [`Policy`](crate::Policy) skipped.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The number of retries by the stage's [`Policy`](crate::Policy).
    #[must_use]
    pub fn retried(&self) -> u64 {
        self.retried
    }

    /// The number of chunks, and parts of chunks, that failed and were split in halves to find the failing item.
    #[must_use]
    pub fn split(&self) -> u64 {
        self.split
    }

    /// The approximate time of the stage's own work, without that of later stages.
    ///
    /// It is measured for a sample of the chunks, or for all chunks if the clock costs little in comparison.
    #[must_use]
    pub fn busy(&self) -> Duration {
        self.busy
    }

    /// The approximate time that the stage waited for items, while the stages before it worked or had no items.
    #[must_use]
    pub fn waited_upstream(&self) -> Duration {
        self.waited_upstream
    }

    /// The approximate time that the stage waited for later stages to take its items.
    #[must_use]
    pub fn waited_downstream(&self) -> Duration {
        self.waited_downstream
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = Table::of(self);
        let widths: Vec<_> = (0..table.head.len())
            .map(|column| table.all().map(|row| row[column].len()).max().unwrap_or(0))
            .collect();
        for row in table.all() {
            write!(f, "{:width$}", row[0], width = widths[0])?;
            for (cell, width) in row.iter().zip(&widths).skip(1) {
                write!(f, "  {cell:>width$}")?;
            }
            writeln!(f)?;
        }
        write!(f, "{}: {} in all", self.pipeline, seconds(self.elapsed))?;
        match self.bottleneck() {
            Some(stage) if stage.cost > Duration::ZERO => write!(f, ", most of it in {}", stage.name),
            _ => Ok(()),
        }
    }
}

/// The table of a report, as text.
struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn of(report: &Report) -> Self {
        let has_retried = report.stages.iter().any(|stage| stage.retried > 0);
        let has_split = report.stages.iter().any(|stage| stage.split > 0);
        let mut head = vec!["stage", "in", "out", "filtered", "failed"];
        head.extend(has_retried.then_some("retried"));
        head.extend(has_split.then_some("split"));
        head.extend(["working", "upstream", "downstream"]);
        let last = report.stages.len().saturating_sub(1);
        let rows = report.stages.iter().enumerate().map(|(at, stage)| {
            let mut row = vec![
                stage.name.to_owned(),
                crossed(stage.items_in, stage.chunks_in),
                crossed(stage.items_out, stage.chunks_out),
                stage.filtered.to_string(),
                stage.failed.to_string(),
            ];
            row.extend(has_retried.then(|| stage.retried.to_string()));
            row.extend(has_split.then(|| stage.split.to_string()));
            let waited = |time: Duration, is_end| {
                if is_end && time.is_zero() { "-".to_owned() } else { seconds(time) }
            };
            row.push(seconds(stage.busy));
            row.push(waited(stage.waited_upstream, at == 0));
            row.push(waited(stage.waited_downstream, at == last));
            row
        });
        Self { head, rows: rows.collect() }
    }

    fn all(&self) -> impl Iterator<Item = Vec<&str>> {
        let rows = self.rows.iter().map(|row| row.iter().map(String::as_str).collect());
        std::iter::once(self.head.clone()).chain(rows)
    }
}

/// The text of a count. `-` if the edge does not exist.
fn crossed(items: Option<u64>, chunks: Option<u64>) -> String {
    match (items, chunks) {
        (None, _) => "-".to_owned(),
        (_, Some(chunks)) => plural(chunks, "chunk"),
        (Some(items), None) => items.to_string(),
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::thread::{self, sleep};
    use std::time::Duration;

    use super::{Report, StageReport};
    use crate::{Collect, Failure, Halt, Pipeline, Sink};
    use crate::{for_each, from_channel, from_iter, read_ahead, size, to_channel};

    const SLOW: Duration = Duration::from_millis(2);

    /// Works `slow` times as long on an item.
    fn slow<T>(item: T) -> T {
        sleep(SLOW);
        item
    }

    /// Checks that the run took at least `least`, that the times of each stage add up to the run's, and that most of
    /// the time was spent in the stage `name`.
    #[track_caller]
    fn check(report: &Report, name: &str, least: Duration) {
        let bottleneck = report.bottleneck().unwrap();
        assert_eq!(bottleneck.name(), name, "{report}");
        assert!(report.elapsed() >= least, "{report}");
        assert!(bottleneck.cost * 2 > report.elapsed(), "{report}");
        for stage in report.stages() {
            let sum = stage.busy + stage.waited_upstream + stage.waited_downstream;
            let difference = sum.abs_diff(report.elapsed());
            assert!(
                difference < Duration::from_micros(10) + report.elapsed() / 20,
                "{}:\n{report}",
                stage.name
            );
        }
        assert!(report.to_string().ends_with(&format!("most of it in {name}")), "{report}");
    }

    #[test]
    fn what_another_run_did_is_added() {
        let run = |n| {
            let numbers = Pipeline::new("numbers", from_iter(0..n)).filter(|n| n % 2 == 0).buffer(size(3));
            numbers.end(Collect::new()).run().unwrap().report
        };
        let (mut report, other) = (run(10), run(5));
        let alone = report.clone();
        report.add(&other);
        let filter = report.stage("filter").unwrap();
        assert_eq!((filter.items_in(), filter.items_out(), filter.filtered()), (Some(15), Some(8), 7));
        let buffer = report.stage("buffer").unwrap();
        assert_eq!((buffer.chunks_out(), buffer.singles_out()), (Some(3), Some(8)));
        assert_eq!(report.stages()[0].items_in(), None);
        assert_eq!(report.elapsed(), alone.elapsed() + other.elapsed());
        let busy = |report: &Report| report.stage("filter").unwrap().busy();
        assert_eq!(busy(&report), busy(&alone) + busy(&other));
    }

    #[test]
    fn the_slow_stage_is_the_bottleneck() {
        let numbers = Pipeline::new("slow", from_iter(0..10)).map(|n| n + 1).filter(|_| slow(true));
        let report = numbers.map(|n| n + 1).end(Collect::new()).run().unwrap().report;
        check(&report, "filter", SLOW * 10);
        let filter = report.stage("filter").unwrap();
        assert!(filter.busy() > filter.waited_upstream() + filter.waited_downstream());
        // The stages before and behind it waited.
        assert!(report.stages()[0].waited_downstream() >= filter.busy());
        assert!(report.stage("Collect").unwrap().waited_upstream() >= filter.busy());
    }

    #[test]
    fn so_is_a_slow_source() {
        let source = from_iter((0..10).map(slow));
        let report = Pipeline::new("slow", source).map(|n| n + 1).end(Collect::new()).run().unwrap().report;
        check(&report, "from_iter", SLOW * 10);
    }

    #[test]
    fn so_is_a_source_whose_channel_is_empty() {
        let (sender, receiver) = std::sync::mpsc::sync_channel(4);
        let producer = thread::spawn(move || (0..10).map(slow).try_for_each(|n| sender.send(n)));
        let outcome = Pipeline::new("slow", from_channel(receiver)).map(|n| n + 1).end(Collect::new()).run();
        producer.join().unwrap().unwrap();
        let report = outcome.unwrap().report;
        check(&report, "from_channel", SLOW * 10);
        let source = &report.stages()[0];
        assert!(source.waited_upstream() > source.busy(), "it had nothing: {report}");
    }

    #[test]
    fn so_is_a_slow_source_on_a_thread_of_its_own() {
        let report = thread::scope(|scope| {
            let source = read_ahead(
                scope,
                from_iter((0..600).map(|n| if n % 50 == 0 { slow(n) } else { n })),
                size(2),
            );
            Pipeline::new("slow", source).map(|n| n + 1).end(Collect::new()).run().unwrap().report
        });
        check(&report, "from_iter", SLOW * 10);
        let source = &report.stages()[0];
        assert!(source.waited_upstream() > source.busy(), "its thread was slow: {report}");
    }

    #[test]
    fn a_slow_source_is_to_blame_before_several_threads_and_slow_work_is_on_them() {
        let run = |source: fn(u32) -> u32, work: fn(u32) -> u32| {
            let squares = Pipeline::new("slow", from_iter((0..20).map(source)));
            squares.map_parallel(size(2), 4, work).end(Collect::new()).run().unwrap().report
        };
        check(&run(slow, |n| n), "from_iter", SLOW * 20);
        check(&run(|n| n, slow), "map", SLOW * 10);
    }

    #[test]
    fn so_is_a_slow_sink() {
        let sink = for_each(|_| {
            slow(());
            Ok(())
        });
        let report = Pipeline::new("slow", from_iter(0..10)).map(|n| n + 1).end(sink).run().unwrap().report;
        check(&report, "for_each", SLOW * 10);
    }

    /// A sink that takes items at once, and needs time to finish.
    struct Finishing;

    impl Sink for Finishing {
        type In = i32;
        type Output = ();

        fn consume(&mut self, _: i32) -> Result<(), Halt> {
            Ok(())
        }

        fn finish(self) -> Result<(), Failure> {
            sleep(SLOW * 10);
            Ok(())
        }
    }

    #[test]
    fn so_is_a_sink_that_is_slow_to_finish() {
        let report = Pipeline::new("slow", from_iter(0..10)).map(|n| n + 1).end(Finishing).run();
        check(&report.unwrap().report, "Finishing", SLOW * 10);
    }

    #[test]
    fn so_is_a_sink_whose_channel_is_full() {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let consumer = thread::spawn(move || receiver.iter().map(slow).count());
        let report = Pipeline::new("slow", from_iter(0..20)).end(to_channel(sender)).run().unwrap().report;
        assert_eq!(consumer.join().unwrap(), 20);
        check(&report, "to_channel", SLOW * 10);
        let sink = report.stage("to_channel").unwrap();
        assert!(sink.waited_downstream() > sink.busy(), "there was no room: {report}");
    }

    #[test]
    fn chunks_are_counted_and_so_are_the_items_in_them() {
        let report = Pipeline::new("chunks", from_iter(0..10))
            .buffer(size(4))
            .lookup(|chunk| Ok(chunk.to_vec()))
            .inspect(|_| {})
            .map(|mut chunk| {
                chunk.truncate(2);
                chunk
            })
            .filter(|chunk| chunk.len() == 2)
            .unbuffer()
            .map(|(n, _)| n)
            .buffer(size(100))
            .map(|chunk| chunk.len())
            .end(Collect::new())
            .run()
            .unwrap()
            .report;
        let edges: Vec<_> = report
            .stages()
            .iter()
            .map(|stage| {
                (stage.name(), stage.singles_in(), stage.chunks_in(), stage.singles_out(), stage.chunks_out())
            })
            .collect();
        assert_eq!(
            edges,
            [
                ("from_iter", None, None, Some(10), None),
                ("buffer", Some(10), None, Some(10), Some(3)),
                ("lookup", Some(10), Some(3), Some(10), Some(3)),
                ("inspect", Some(10), Some(3), Some(10), Some(3)),
                ("map", Some(10), Some(3), None, Some(3)),
                ("filter", None, Some(3), None, Some(3)),
                ("unbuffer", None, Some(3), Some(6), None),
                ("map", Some(6), None, Some(6), None),
                ("buffer", Some(6), None, Some(6), Some(1)),
                ("map", Some(6), Some(1), Some(1), None),
                ("Collect", Some(1), None, None, None),
            ]
        );
        assert_eq!(report.stage("buffer").and_then(StageReport::items_out), Some(3));
    }

    #[test]
    fn a_table_fits_a_terminal() {
        let long = Pipeline::new("a long way", from_iter(0..1_000_000_u64)).buffer(size(7)).unbuffer();
        let report = long.end(for_each(|_| Ok(()))).run().unwrap().report.to_string();
        let lines: Vec<_> = report.lines().collect();
        assert!(lines.iter().all(|line| line.len() <= 100), "{report}");
        assert!(
            lines[0].starts_with("stage ") && lines[0].ends_with(" working  upstream  downstream"),
            "{report}"
        );
        assert!(lines[2].starts_with("buffer ") && lines[2].contains(" 142858 chunks "), "{report}");
        assert!(lines[4].ends_with("  -"), "{report}");
    }

    #[test]
    fn what_nobody_measured_is_not_made_up() {
        let outcome = Pipeline::unmetered("quick", from_iter(0..10)).map(|n| n + 1).end(Collect::new()).run();
        let report = outcome.unwrap().report;
        assert!(report.stages().iter().all(|stage| stage.cost == Duration::ZERO), "{report}");
        assert!(!report.to_string().contains("most of it"), "{report}");
    }
}

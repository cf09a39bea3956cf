//! Whole runs: how they end, what they report, and what is left of a failed one.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use syncline_core::{
    Collect, Emit, Failure, Halt, Outcome, Pipeline, Progress, Sink, Source, Stage, Transform, from_iter,
    size,
};

#[derive(Debug)]
struct Unlucky(u32);

impl fmt::Display for Unlucky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is unlucky", self.0)
    }
}

impl std::error::Error for Unlucky {}

/// Fails at one number.
struct FailAt(u32);

impl Transform for FailAt {
    type In = u32;
    type Out = u32;

    fn transform(&mut self, item: u32) -> Result<Option<u32>, Halt> {
        if item == self.0 { Err(Failure::new(Unlucky(item)).at(item).into()) } else { Ok(Some(item)) }
    }
}

/// What happened to a sink.
#[derive(Debug, Default, PartialEq)]
struct Log {
    consumed: Vec<u32>,
    finished: bool,
}

/// Notes what happens to it, stops after `stop_after` items, and fails to finish when told so.
struct Probe<'a> {
    log: &'a mut Log,
    stop_after: usize,
    fail_at_end: bool,
}

impl<'a> Probe<'a> {
    fn new(log: &'a mut Log) -> Self {
        Self { log, stop_after: usize::MAX, fail_at_end: false }
    }
}

impl Sink for Probe<'_> {
    type In = u32;
    type Output = usize;

    fn consume(&mut self, item: u32) -> Result<(), Halt> {
        self.log.consumed.push(item);
        if self.log.consumed.len() == self.stop_after { Err(Halt::Stop) } else { Ok(()) }
    }

    fn finish(self) -> Result<usize, Failure> {
        self.log.finished = true;
        if self.fail_at_end { Err(Unlucky(0).into()) } else { Ok(self.log.consumed.len()) }
    }
}

#[test]
fn an_error_names_pipeline_stage_and_record_and_keeps_its_source() {
    let mut log = Log::default();
    let error = Pipeline::new("numbers", from_iter(0..10))
        .map(|n| n + 1)
        .pipe(FailAt(4))
        .filter(|_| true)
        .end(Probe::new(&mut log))
        .run()
        .unwrap_err();
    assert_eq!(error.to_string(), "pipeline numbers failed in stage FailAt at record 4");
    assert_eq!((error.pipeline(), error.stage(), error.record()), ("numbers", "FailAt", Some("4")));
    assert_eq!(error.source().unwrap().to_string(), "4 is unlucky");
    assert!(error.source().unwrap().is::<Unlucky>());
    assert_eq!(log, Log { consumed: vec![1, 2, 3], finished: false });
}

#[test]
fn the_report_of_a_failed_run_says_what_was_done() {
    let error =
        Pipeline::new("numbers", from_iter(0..10)).pipe(FailAt(4)).end(Collect::new()).run().unwrap_err();
    let stage = error.report().stage("FailAt").unwrap();
    assert_eq!((stage.items_in(), stage.items_out()), (Some(5), Some(4)));
    assert_eq!((stage.failed(), stage.filtered()), (1, 0));
}

#[test]
fn what_is_held_when_a_stage_fails_is_dropped() {
    let mut log = Log::default();
    let result = Pipeline::new("held", from_iter(0..10))
        .pipe(FailAt(7))
        .buffer(size(5))
        .unbuffer()
        .end(Probe::new(&mut log))
        .run();
    assert_eq!(result.unwrap_err().stage(), "FailAt");
    assert_eq!(log, Log { consumed: vec![0, 1, 2, 3, 4], finished: false });
}

#[test]
fn a_sink_that_cannot_finish_fails_the_run() {
    let mut log = Log::default();
    let probe = Probe { fail_at_end: true, ..Probe::new(&mut log) };
    let error = Pipeline::new("end", from_iter(0..3)).end(probe).run().unwrap_err();
    assert_eq!(error.to_string(), "pipeline end failed in stage Probe");
    assert_eq!(error.report().stage("Probe").unwrap().failed(), 1);
    assert_eq!(log.consumed, [0, 1, 2]);
}

#[test]
fn a_sink_that_wants_no_more_gets_no_more_and_is_finished() {
    let mut log = Log::default();
    let probe = Probe { stop_after: 3, ..Probe::new(&mut log) };
    let outcome = Pipeline::new("stop", from_iter(0..)).buffer(size(2)).unbuffer().end(probe).run().unwrap();
    assert_eq!(outcome.output, 3);
    assert_eq!(log, Log { consumed: vec![0, 1, 2], finished: true });
}

/// Hands on the sum of what it was given, at the end.
struct Sum(u32);

impl Stage for Sum {
    type In = u32;
    type Out = u32;

    fn push(&mut self, item: u32, _: &mut impl Emit<u32>) -> Result<(), Halt> {
        self.0 += item;
        Ok(())
    }

    fn finish(&mut self, out: &mut impl Emit<u32>) -> Result<(), Halt> {
        out.emit(self.0)
    }
}

#[test]
fn each_stage_is_finished_once_after_those_before_it() {
    let Outcome { output, .. } =
        Pipeline::new("sums", from_iter(0..5)).pipe(Sum(0)).pipe(Sum(100)).end(Collect::new()).run().unwrap();
    assert_eq!(output, [110]);
    let Outcome { output, .. } =
        Pipeline::new("sum of some", from_iter(0..)).take(4).pipe(Sum(0)).end(Collect::new()).run().unwrap();
    assert_eq!(output, [6]);
}

/// Is idle every other time.
struct Hesitant(u32);

impl Source for Hesitant {
    type Item = u32;

    fn advance(&mut self, out: &mut impl Emit<u32>) -> Result<Progress, Halt> {
        self.0 += 1;
        match self.0 {
            6.. => Ok(Progress::Done),
            n if n % 2 == 0 => Ok(Progress::Idle),
            n => out.emit(n).map(|()| Progress::More),
        }
    }
}

#[test]
fn an_idle_source_is_asked_again() {
    let outcome = Pipeline::new("idle", Hesitant(0)).end(Collect::new()).run().unwrap();
    assert_eq!(outcome.output, [1, 3, 5]);
}

#[test]
fn a_report_counts_what_passes_each_stage() {
    let outcome = Pipeline::new("counts", from_iter(0..1000_u32))
        .map(|n| n * 2)
        .filter(|n| n % 3 == 0)
        .flat_map(|n| [n, n])
        .buffer(size(100))
        .inspect(Vec::len)
        .unbuffer()
        .end(Collect::new())
        .run()
        .unwrap();
    let rows: Vec<_> = outcome
        .report
        .stages()
        .iter()
        .map(|stage| (stage.name(), stage.items_in(), stage.items_out(), stage.filtered()))
        .collect();
    assert_eq!(
        rows,
        [
            ("from_iter", None, Some(1000), 0),
            ("map", Some(1000), Some(1000), 0),
            ("filter", Some(1000), Some(334), 666),
            ("flat_map", Some(334), Some(668), 0),
            ("buffer", Some(668), Some(7), 0),
            ("inspect", Some(7), Some(7), 0),
            ("unbuffer", Some(7), Some(668), 0),
            ("Collect", Some(668), None, 0),
        ]
    );
}

#[test]
fn a_slow_stage_is_seen_to_be_slow() {
    let outcome = Pipeline::new("slow", from_iter(0..1000))
        .map(|n| n + 1)
        .inspect(|n| {
            if n % 10 == 0 {
                std::thread::sleep(Duration::from_micros(100));
            }
        })
        .buffer(size(10))
        .unbuffer()
        .end(Collect::new())
        .run()
        .unwrap();
    let slowest = outcome.report.stages().iter().max_by_key(|stage| stage.busy()).unwrap();
    assert_eq!(slowest.name(), "inspect");
    let total: Duration = outcome.report.stages().iter().map(syncline_core::StageReport::busy).sum();
    assert!(total <= outcome.report.elapsed() + Duration::from_micros(10));
}

#[test]
fn an_unmetered_run_gives_the_same_items() {
    let outcome = Pipeline::unmetered("quiet", from_iter(0..10))
        .filter(|n| n % 2 == 0)
        .end(Collect::new())
        .run()
        .unwrap();
    assert_eq!(outcome.output, [0, 2, 4, 6, 8]);
    assert_eq!(outcome.report.stage("filter").unwrap().items_out(), Some(0));
}

#[test]
fn a_pipeline_is_an_iterator() {
    let items = Pipeline::new("iterator", from_iter(0..700)).buffer(size(3)).into_iter();
    let chunks: Vec<Vec<i32>> = items.map(Result::unwrap).collect();
    assert_eq!(chunks.len(), 234);
    assert_eq!(chunks.concat(), (0..700).collect::<Vec<_>>());
}

#[test]
fn an_iterator_ends_in_its_error() {
    let mut items = Pipeline::new("iterator", from_iter(0..10)).pipe(FailAt(2)).into_iter();
    assert_eq!(items.next().unwrap().unwrap(), 0);
    assert_eq!(items.next().unwrap().unwrap(), 1);
    assert_eq!(items.next().unwrap().unwrap_err().record(), Some("2"));
    assert!(items.next().is_none());
}

#[test]
fn an_endless_iterator_can_be_left() {
    let first: Vec<u64> = Pipeline::new("endless", from_iter(0..))
        .map(|n| n * n)
        .into_iter()
        .take(3)
        .map(Result::unwrap)
        .collect();
    assert_eq!(first, [0, 1, 4]);
}

#[test]
fn a_report_prints_as_a_table() {
    let outcome =
        Pipeline::new("table", from_iter(0..4)).filter(|n| *n > 0).end(Collect::new()).run().unwrap();
    let table = outcome.report.to_string();
    let words = |line: usize| table.lines().nth(line).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(words(0), ["stage", "in", "out", "filtered", "failed", "time"]);
    assert_eq!(words(1)[..5], ["from_iter", "-", "4", "0", "0"]);
    assert_eq!(words(2)[..5], ["filter", "4", "3", "1", "0"]);
    assert_eq!(words(3)[..5], ["Collect", "3", "-", "0", "0"]);
}

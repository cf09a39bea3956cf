//! Whole runs: their ends, reports and failures.

use std::error::Error as _;
use std::time::Duration;

use syncline_core::testing::{Ending, Planned, Probe, Script, fail_if};
use syncline_core::{Collect, Emit, Halt, Outcome, Pipeline, Stage, from_iter, size};

#[test]
fn an_error_names_pipeline_stage_and_record_and_keeps_its_source() {
    let probe = Probe::new();
    let seen = probe.seen();
    let error = Pipeline::new("numbers", from_iter(0..10))
        .map(|n| n + 1)
        .pipe(fail_if(|n| *n == 4))
        .filter(|_| true)
        .end(probe)
        .run()
        .unwrap_err();
    assert_eq!(error.to_string(), "pipeline numbers failed in stage fail_if at item 4");
    assert_eq!(
        (error.pipeline(), error.stage(), error.record()),
        ("numbers", Some("fail_if"), Some("item 4"))
    );
    assert_eq!(error.source().unwrap().to_string(), "failed as told");
    assert!(error.source().unwrap().is::<Planned>());
    assert_eq!((seen.items(), seen.ending()), (vec![1, 2, 3], Ending::Dropped));
}

#[test]
fn the_report_of_a_failed_run_says_what_was_done() {
    let error = Pipeline::new("numbers", from_iter(0..10))
        .pipe(fail_if(|n| *n == 4))
        .end(Collect::new())
        .run()
        .unwrap_err();
    let stage = error.report().stage("fail_if").unwrap();
    assert_eq!((stage.items_in(), stage.items_out()), (Some(5), Some(4)));
    assert_eq!((stage.failed(), stage.filtered()), (1, 0));
}

#[test]
fn what_is_held_when_a_stage_fails_is_dropped() {
    let probe = Probe::new();
    let seen = probe.seen();
    let result = Pipeline::new("held", from_iter(0..10))
        .pipe(fail_if(|n| *n == 7))
        .buffer(size(5))
        .unbuffer()
        .end(probe)
        .run();
    assert_eq!(result.unwrap_err().stage(), Some("fail_if"));
    assert_eq!((seen.items(), seen.ending()), (vec![0, 1, 2, 3, 4], Ending::Dropped));
}

#[test]
fn a_sink_that_cannot_finish_fails_the_run() {
    let probe = Probe::new().fail_at_end();
    let seen = probe.seen();
    let error = Pipeline::new("end", from_iter(0..3)).end(probe).run().unwrap_err();
    assert_eq!(error.to_string(), "pipeline end failed in stage Probe");
    assert_eq!(error.report().stage("Probe").unwrap().failed(), 1);
    assert_eq!(seen.items(), [0, 1, 2]);
}

#[test]
fn a_sink_that_wants_no_more_gets_no_more_and_is_finished() {
    let probe = Probe::new().stop_after(3);
    let seen = probe.seen();
    let outcome = Pipeline::new("stop", from_iter(0..)).buffer(size(2)).unbuffer().end(probe).run().unwrap();
    assert_eq!(outcome.output, 3);
    assert_eq!((seen.items(), seen.ending()), (vec![0, 1, 2], Ending::Finished));
}

/// Stage that emits the sum of its items at the end.
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

#[test]
fn an_idle_source_is_asked_again() {
    let source = Script::new().items([1]).idle().items([3]).idle().idle().items([5]);
    let outcome = Pipeline::new("idle", source).end(Collect::new()).run().unwrap();
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
    let mut items = Pipeline::new("iterator", from_iter(0..10)).pipe(fail_if(|n| *n == 2)).into_iter();
    assert_eq!(items.next().unwrap().unwrap(), 0);
    assert_eq!(items.next().unwrap().unwrap(), 1);
    assert_eq!(items.next().unwrap().unwrap_err().record(), Some("item 2"));
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
    let head = ["stage", "in", "out", "filtered", "failed", "working", "upstream", "downstream"];
    assert_eq!(words(0), head);
    assert_eq!(words(1)[..5], ["from_iter", "-", "4", "0", "0"]);
    assert_eq!(words(2)[..5], ["filter", "4", "3", "1", "0"]);
    assert_eq!(words(3)[..5], ["Collect", "3", "-", "0", "0"]);
}

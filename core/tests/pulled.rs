//! Pipelines that are advanced by the code that takes their items: cancelled, observed, and with a report.

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use futures_core::Stream as _;
use futures_executor::block_on;
use futures_util::{StreamExt as _, TryStreamExt as _};
use syncline_core::testing::{Ending, Probe, Script, fail_if};
use syncline_core::{CancelToken, Observer, Pipeline, Report, RunEnd, from_iter, retry, size};

/// The calls of an observer.
#[derive(Default)]
struct Notes(RefCell<Vec<String>>);

impl Notes {
    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

impl Observer for &Notes {
    fn start(&mut self, total: Option<u64>) {
        self.0.borrow_mut().push(format!("of {total:?}"));
    }

    fn advance(&mut self, items: u64) {
        self.0.borrow_mut().push(items.to_string());
    }

    fn end(&mut self, end: RunEnd) {
        self.0.borrow_mut().push(end.to_string());
    }
}

/// Takes the notes, with the items of all chunks added up. The first chunk is one item.
fn take_sum(notes: &Notes) -> Vec<String> {
    let mut sum = 0;
    let mut others = Vec::new();
    for note in notes.take() {
        match note.parse::<u64>() {
            Ok(items) => sum += items,
            Err(_) => others.push(note),
        }
    }
    others.insert(1, sum.to_string());
    others
}

#[test]
fn an_observer_is_told_of_each_chunk_and_of_the_end() {
    let notes = Notes::default();
    let items = Pipeline::new("n", from_iter(0..300)).filter(|n| n % 2 == 0).into_iter().observed_by(&notes);
    assert_eq!(notes.take(), [""; 0], "nothing was asked for");
    assert_eq!(items.map(Result::unwrap).count(), 150);
    assert_eq!(take_sum(&notes), ["of Some(300)", "300", "finished"]);

    let failing = Pipeline::new("n", from_iter(0..9)).pipe(fail_if(|n| *n == 2));
    assert_eq!(failing.into_iter().observed_by(&notes).count(), 3);
    assert_eq!(take_sum(&notes), ["of Some(9)", "3", "failed"]);

    let stream = Pipeline::new("n", from_iter(0..300)).into_stream().observed_by(&notes);
    assert_eq!(block_on(stream.count()), 300);
    assert_eq!(take_sum(&notes), ["of Some(300)", "300", "finished"]);

    let mut dropped = Pipeline::new("n", from_iter(0..)).into_iter().observed_by(&notes);
    assert_eq!(dropped.next().unwrap().unwrap(), 0);
    drop(dropped);
    assert_eq!(notes.take(), ["of None", "1"]);
}

/// Cancels the run, and then takes the rest: the ready items, and the error behind them.
fn left<T, E>(token: &CancelToken, items: impl Iterator<Item = Result<T, E>>) -> (u64, Option<E>) {
    token.cancel();
    let mut items = items.peekable();
    let mut given = 0;
    while items.next_if(Result::is_ok).is_some() {
        given += 1;
    }
    let error = items.next().and_then(Result::err);
    assert!(items.next().is_none(), "nothing comes after an error");
    (given, error)
}

#[test]
fn each_of_several_tokens_ends_an_iterator_behind_the_items_that_are_ready() {
    for which in [0, 1] {
        let tokens = [(); 2].map(|()| CancelToken::new());
        let endless = Pipeline::new("endless", from_iter(0..)).into_iter();
        let mut items = endless.cancelled_by(&tokens[0]).cancelled_by(&tokens[1]);
        assert!(items.by_ref().take(2).map(Result::unwrap).eq(0..2));
        let read = items.report().stages()[0].items_out();
        let (given, error) = left(&tokens[which], items.by_ref());
        assert!(error.unwrap().is_cancelled());
        assert_eq!((Some(2 + given), items.report().stages()[0].items_out()), (read, read));
    }
}

#[test]
fn an_idle_iterator_and_an_idle_stream_are_cancelled_by_another_thread() {
    let silent = || Pipeline::new("silent", Script::<u32>::new().then_wait());
    let cancel_soon = |token: &CancelToken| {
        let token = token.clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            token.cancel();
        })
    };
    let token = CancelToken::new();
    let canceller = cancel_soon(&token);
    let first = silent().into_iter().cancelled_by(&token).next();
    assert!(first.unwrap().unwrap_err().is_cancelled());
    canceller.join().unwrap();

    let token = CancelToken::new();
    let canceller = cancel_soon(&token);
    let first = block_on(silent().into_stream().cancelled_by(&token).next());
    assert!(first.unwrap().unwrap_err().is_cancelled());
    canceller.join().unwrap();
}

#[test]
fn a_stage_that_waits_is_told_of_the_token() {
    let token = CancelToken::new();
    let start = Instant::now();
    let policy = retry(9, Duration::from_mins(10), |_| {
        token.cancel();
        true
    });
    let failing = Pipeline::new("waits", from_iter(0..9)).pipe(fail_if(|_| true)).on_error(policy);
    let error = failing.into_iter().cancelled_by(&token).next().unwrap().unwrap_err();
    assert!(error.is_cancelled() && error.stage().is_none(), "{error}");
    assert!(start.elapsed() < Duration::from_mins(1));
}

/// The counts of a report, row by row.
fn counts(report: &Report) -> Vec<(String, Option<u64>, Option<u64>)> {
    let row = |row: &syncline_core::StageReport| (row.name().to_owned(), row.items_in(), row.items_out());
    report.stages().iter().map(row).collect()
}

fn row(name: &str, items_in: Option<u64>, items_out: Option<u64>) -> (String, Option<u64>, Option<u64>) {
    (name.to_owned(), items_in, items_out)
}

#[test]
fn the_report_is_there_before_during_and_after() {
    let mut items = Pipeline::new("n", from_iter(0..300)).filter(|n| n % 2 == 0).into_iter();
    let expected = |read, passed| {
        [
            row("from_iter", None, Some(read)),
            row("filter", Some(read), Some(passed)),
            row("iterator", Some(passed), None),
        ]
    };
    assert_eq!(counts(&items.report()), expected(0, 0));
    assert_eq!(items.report().elapsed(), Duration::ZERO);
    assert_eq!(items.next().unwrap().unwrap(), 0);
    assert_eq!(counts(&items.report()), expected(1, 1));
    assert_eq!(items.by_ref().count(), 149);
    let report = items.report();
    assert_eq!(counts(&report), expected(300, 150));
    thread::sleep(Duration::from_millis(2));
    assert_eq!(items.report().elapsed(), report.elapsed(), "the run has ended");

    let mut stream = Pipeline::new("n", from_iter(0..9)).buffer(size(2)).into_stream();
    let chunks: Vec<Vec<u32>> = block_on(stream.by_ref().try_collect()).unwrap();
    assert_eq!(chunks.len(), 5);
    assert_eq!(counts(&stream.report())[2], row("stream", Some(5), None));
    assert_eq!(stream.report().stage("stream").unwrap().singles_in(), Some(9));
}

#[test]
fn the_time_of_who_takes_the_items_is_not_that_of_the_stages() {
    let pause = Duration::from_millis(5);
    let mut items = Pipeline::new("taken", Script::new().one_by_one(0..10)).map(|n| n + 1).into_iter();
    for item in items.by_ref() {
        assert!(item.unwrap() > 0);
        thread::sleep(pause);
    }
    let report = items.report();
    assert!(report.elapsed() >= pause * 10, "{report}");
    assert_eq!(report.bottleneck().unwrap().name(), "iterator", "{report}");
    assert!(report.stage("map").unwrap().busy() * 2 < report.elapsed(), "{report}");
}

#[test]
fn the_time_in_which_a_streams_source_has_nothing_is_that_of_the_source() {
    let script = Script::new().items([1]).idle().idle().idle().items([2]);
    let mut stream = pin!(Pipeline::new("idle", script).map(|n| n + 1).into_stream());
    let mut context = Context::from_waker(Waker::noop());
    let mut items = Vec::new();
    loop {
        match stream.as_mut().poll_next(&mut context) {
            Poll::Ready(None) => break,
            Poll::Ready(Some(item)) => items.push(item.unwrap()),
            Poll::Pending => thread::sleep(Duration::from_millis(5)),
        }
    }
    let report = stream.report();
    assert_eq!(items, [2, 3]);
    assert!(report.stages()[0].waited_upstream() >= Duration::from_millis(15), "{report}");
}

#[test]
fn an_error_has_the_report_and_so_has_the_iterator_after_it() {
    let mut items = Pipeline::new("fails", from_iter(0..9)).pipe(fail_if(|n| *n == 2)).into_iter();
    let error = items.find_map(Result::err).unwrap();
    assert_eq!(error.stage(), Some("fail_if"));
    assert_eq!(counts(error.report()), counts(&items.report()));
    assert_eq!(items.report().stage("fail_if").unwrap().failed(), 1);
}

#[test]
fn second_sinks_are_finished_with_the_last_item_and_dropped_with_the_iterator() {
    for (taken, ending) in [(10, Ending::Finished), (3, Ending::Dropped)] {
        let copies = Probe::new();
        let seen = copies.seen();
        let mut items = Pipeline::new("copies", Script::new().one_by_one(0..9)).tee(copies).into_iter();
        assert_eq!(items.by_ref().take(taken).count(), taken.min(9));
        drop(items);
        assert_eq!(seen.ending(), ending);
    }
}

#[test]
fn an_unmetered_iterator_tells_only_its_ends() {
    let notes = Notes::default();
    let items = Pipeline::unmetered("n", from_iter(0..300)).into_iter().observed_by(&notes);
    assert_eq!(items.count(), 300);
    assert_eq!(notes.take(), ["of Some(300)", "finished"]);
}

//! Hooks after a commit: a received item is acknowledged once it is durable, and not before.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use syncline_core::testing::{Probe, Script};
use syncline_core::{
    BoxedCommit, CancelToken, Collect, Commit, Emit, Failure, Halt, Pipeline, Progress, Sink, Source,
    for_each, from_iter, route, size, skip,
};

/// The events of a run, in order.
#[derive(Debug, Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.borrow_mut().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

/// A table that records its commits, and fails at the commit with a given number.
struct Table {
    log: Log,
    rows: usize,
    commits: usize,
    fails_at: usize,
}

impl Table {
    fn new(log: &Log) -> Self {
        Self { log: log.clone(), rows: 0, commits: 0, fails_at: usize::MAX }
    }

    fn fails_at(self, commit: usize) -> Self {
        Self { fails_at: commit, ..self }
    }
}

impl Sink for Table {
    type In = u32;
    type Output = usize;

    fn consume(&mut self, n: u32) -> Result<(), Halt> {
        if n == 99 {
            return Err(Failure::new("no row for 99").into());
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<usize, Failure> {
        self.commit()?;
        Ok(self.rows)
    }
}

impl Commit for Table {
    fn commit(&mut self) -> Result<(), Failure> {
        if self.commits == self.fails_at {
            return Err(Failure::new("the disk is full"));
        }
        self.commits += 1;
        self.log.note(format!("commit at {}", self.rows));
        Ok(())
    }
}

#[test]
fn a_hook_is_called_after_each_commit_with_the_items_that_it_made_durable() {
    for (n, expected) in [
        (0, vec!["commit at 0"]),
        (2, vec!["commit at 2", "hook 2"]),
        (4, vec!["commit at 4", "hook 4", "commit at 4"]),
        (6, vec!["commit at 4", "hook 4", "commit at 6", "hook 2"]),
    ] {
        let log = Log::default();
        let run = Pipeline::new("every", from_iter(0..n)).end(Table::new(&log)).commit_every(size(4));
        let hooked = run.after_commit(|count| {
            log.note(format!("hook {count}"));
            Ok(())
        });
        assert_eq!(hooked.run().unwrap().output, n as usize);
        assert_eq!(log.take(), expected, "{n}");
    }
}

#[test]
fn the_order_of_the_declarations_does_not_matter() {
    let log = Log::default();
    let run = Pipeline::new("before", from_iter(0..6)).end(Table::new(&log)).after_commit(|count| {
        log.note(format!("hook {count}"));
        Ok(())
    });
    run.commit_every(size(4)).run().unwrap();
    assert_eq!(log.take(), ["commit at 4", "hook 4", "commit at 6", "hook 2"]);
}

#[test]
fn a_run_that_commits_once_calls_it_once_at_the_end() {
    let log = Log::default();
    let numbers = Pipeline::new("once", from_iter(0..600)).filter(|n| n % 2 == 0);
    let run = numbers.end(Table::new(&log)).after_commit(|count| {
        log.note(format!("hook {count}"));
        Ok(())
    });
    run.run().unwrap();
    assert_eq!(log.take(), ["commit at 300", "hook 300"]);
}

#[test]
fn it_is_not_called_after_a_commit_that_fails_nor_for_what_is_open_when_a_run_ends_badly() {
    let log = Log::default();
    let hook = |log: &Log| {
        let log = log.clone();
        move |count: u64| {
            log.note(format!("hook {count}"));
            Ok(())
        }
    };
    let table = Table::new(&log).fails_at(1);
    let run =
        Pipeline::new("full", from_iter(0..9)).end(table).commit_every(size(3)).after_commit(hook(&log));
    assert_eq!(run.run().unwrap_err().stage(), Some("Table"));
    assert_eq!(log.take(), ["commit at 3", "hook 3"]);

    let table = Table::new(&log).fails_at(0);
    let run = Pipeline::new("full at the end", from_iter(0..9)).end(table).after_commit(hook(&log));
    assert!(run.run().is_err());
    assert_eq!(log.take(), [""; 0]);

    let numbers = Pipeline::new("fails", from_iter([0, 1, 2, 3, 99]));
    let run = numbers.end(Table::new(&log)).commit_every(size(3)).after_commit(hook(&log));
    assert!(run.run().is_err());
    assert_eq!(log.take(), ["commit at 3", "hook 3"]);

    let token = CancelToken::new();
    let numbers = Pipeline::new("cancelled", Script::new().one_by_one(0..9)).inspect(|n| {
        if *n == 4 {
            token.cancel();
        }
    });
    let run = numbers.end(Table::new(&log)).commit_every(size(3)).after_commit(hook(&log));
    assert!(run.cancelled_by(&token).run().unwrap_err().is_cancelled());
    assert_eq!(log.take(), ["commit at 3", "hook 3"]);
}

#[test]
fn a_hook_that_fails_ends_the_run_and_what_was_committed_stays() {
    for fails_at in [0, 1] {
        let log = Log::default();
        let mut calls = 0;
        let run = Pipeline::new("hook", from_iter(0..5)).end(Table::new(&log)).commit_every(size(3));
        let error = run
            .after_commit(|_| {
                calls += 1;
                if calls == fails_at + 1 { Err(Failure::new("the peer is gone")) } else { Ok(()) }
            })
            .run()
            .unwrap_err();
        assert_eq!(error.to_string(), "pipeline hook failed in stage after_commit");
        assert_eq!(error.report().stage("Table").unwrap().failed(), 0);
        let expected = ["commit at 3", "commit at 5"];
        assert_eq!(log.take(), expected[..=fails_at]);
    }
}

#[test]
fn no_policy_is_asked_about_a_hook_and_items_that_a_policy_leaves_out_count_as_dealt_with() {
    let log = Log::default();
    let numbers = || Pipeline::new("policy", from_iter([1, 99, 2, 3]));
    let run = numbers().end(Table::new(&log)).on_error(skip(1)).after_commit(|count| {
        log.note(format!("hook {count}"));
        Ok(())
    });
    assert_eq!(run.run().unwrap().output, 3);
    assert_eq!(log.take(), ["commit at 3", "hook 4"]);
    let run = numbers().end(Table::new(&log)).commit_every(size(2)).after_commit(|_| Err(Failure::new("no")));
    assert!(run.on_error(skip(9)).run().is_err());
}

#[test]
fn several_hooks_are_called_in_their_order_with_the_last_key_that_is_durable() {
    let log = Log::default();
    let (first, second) = (log.clone(), log.clone());
    let chunks = Pipeline::new("keys", from_iter(0..10_u32)).filter(|n| n % 3 != 0).buffer(size(2));
    let sink = Probe::new();
    let seen = sink.seen();
    chunks
        .end(sink)
        .commit_every(size(2))
        .after_commit_of(
            |chunk: &Vec<u32>| chunk.last().copied(),
            move |last| {
                first.note(format!("up to {last:?}"));
                Ok(())
            },
        )
        .after_commit(move |count| {
            second.note(format!("{count} chunks"));
            Ok(())
        })
        .run()
        .unwrap();
    assert_eq!(seen.items().concat(), [1, 2, 4, 5, 7, 8]);
    assert_eq!(log.take(), ["up to Some(5)", "2 chunks", "up to Some(8)", "1 chunks"]);
}

#[test]
fn an_item_at_which_the_sink_wants_no_more_is_not_acknowledged() {
    // The sink may have taken the item or not.
    let mut acknowledged = Vec::new();
    let sink = for_each(|n: u32| if n == 2 { Err(Halt::Stop) } else { Ok(()) });
    let run = Pipeline::new("stop", from_iter(0..9)).end(sink).after_commit_of(
        |n| *n,
        |last| {
            acknowledged.push(last);
            Ok(())
        },
    );
    run.run().unwrap();
    assert_eq!(acknowledged, [1]);
}

#[test]
fn sinks_of_a_route_are_committed_before_the_hook() {
    let log = Log::default();
    let sinks = [BoxedCommit::new(Table::new(&log)), BoxedCommit::new(Table::new(&log))];
    let numbers = Pipeline::new("route", from_iter(0..4)).end(route(sinks, |n| *n as usize % 2));
    let run = numbers.commit_every(size(2)).after_commit(|_| {
        log.note("hook");
        Ok(())
    });
    assert!(run.graph().to_string().contains("after_commit"), "{}", run.graph());
    run.run().unwrap();
    let twice = ["commit at 1", "commit at 1", "hook", "commit at 2", "commit at 2", "hook"];
    assert_eq!(log.take(), [&twice[..], &["commit at 2", "commit at 2"]].concat());
}

/// Messages that stay in the queue until they are acknowledged.
#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<u32>,
    /// The number of delivered messages.
    delivered: usize,
}

/// Source of the messages that are not delivered yet.
struct Messages(Rc<RefCell<Queue>>);

impl Source for Messages {
    type Item = u32;

    fn advance(&mut self, out: &mut impl Emit<u32>) -> Result<Progress, Halt> {
        let mut queue = self.0.borrow_mut();
        let at = queue.delivered;
        let Some(&message) = queue.messages.get(at) else { return Ok(Progress::Done) };
        queue.delivered += 1;
        drop(queue);
        out.emit(message)?;
        Ok(Progress::More)
    }
}

/// Writes the open items when it commits.
struct Rows<'a>(Vec<u32>, u32, &'a RefCell<Vec<u32>>);

impl Sink for Rows<'_> {
    type In = u32;
    type Output = ();

    fn consume(&mut self, n: u32) -> Result<(), Halt> {
        if n == self.1 {
            return Err(Failure::new("as told").into());
        }
        self.0.push(n);
        Ok(())
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.commit()
    }
}

impl Commit for Rows<'_> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.2.borrow_mut().append(&mut self.0);
        Ok(())
    }
}

/// A run that fails at any point and is restarted delivers every message, and acknowledges none before it is durable.
#[test]
fn a_queue_is_emptied_as_far_as_the_sink_has_committed() {
    let queue = Rc::new(RefCell::new(Queue { messages: (0..10).collect(), delivered: 0 }));
    let durable = RefCell::new(Vec::new());
    for fails_at in [4, 7, u32::MAX] {
        queue.borrow_mut().delivered = 0;
        let run = Pipeline::new("receive", Messages(Rc::clone(&queue)))
            .end(Rows(Vec::new(), fails_at, &durable))
            .commit_every(size(3))
            .after_commit(|count| {
                let mut queue = queue.borrow_mut();
                for _ in 0..count {
                    let message =
                        queue.messages.pop_front().ok_or_else(|| Failure::new("acknowledged twice"))?;
                    assert!(durable.borrow().contains(&message), "{message} is not durable");
                    queue.delivered -= 1;
                }
                Ok(())
            });
        assert_eq!(run.run().is_ok(), fails_at == u32::MAX);
    }
    assert_eq!(durable.into_inner(), (0..10).collect::<Vec<_>>());
    assert!(queue.borrow().messages.is_empty());
}

#[test]
fn a_run_without_hooks_is_as_before() {
    let run = Pipeline::new("none", from_iter(0..5)).end(Collect::new());
    assert!(!run.graph().to_string().contains("after_commit"));
    assert_eq!(run.run().unwrap().output, [0, 1, 2, 3, 4]);
}

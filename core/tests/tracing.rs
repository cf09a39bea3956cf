//! The spans and events of a run in `tracing`.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use syncline_core::{CancelToken, Collect, Failure, Halt, Pipeline, Steps, for_each, from_iter, size};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber, subscriber};
use tracing_core::span::Current;

/// A span or an event: its level and name, its span, its fields, and whether it is over.
#[derive(Debug, Default, Clone)]
struct Entry {
    what: String,
    parent: Option<u64>,
    fields: BTreeMap<&'static str, String>,
    closed: bool,
    metadata: Option<&'static Metadata<'static>>,
}

impl Visit for Entry {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

#[derive(Debug, Default)]
struct Log {
    spans: Vec<Entry>,
    events: Vec<Entry>,
    inside: Vec<(std::thread::ThreadId, u64)>,
}

/// A subscriber that records all spans and events up to a level.
#[derive(Clone)]
struct Recorder(Arc<Mutex<Log>>, Level);

impl Recorder {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(log: &Log) -> Option<u64> {
        let thread = std::thread::current().id();
        log.inside.iter().rev().find(|(on, _)| *on == thread).map(|(_, span)| *span)
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.1
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut log = self.log();
        let parent = span.parent().map(Id::into_u64).or_else(|| Self::current(&log));
        let what = format!("{} {}", span.metadata().level(), span.metadata().name());
        let mut entry = Entry { what, parent, metadata: Some(span.metadata()), ..Entry::default() };
        span.record(&mut entry);
        log.spans.push(entry);
        Id::from_u64(log.spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        values.record(&mut self.log().spans[place(span.into_u64())]);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut log = self.log();
        let parent = event.parent().map(Id::into_u64).or_else(|| Self::current(&log));
        let mut entry = Entry { what: event.metadata().level().to_string(), parent, ..Entry::default() };
        event.record(&mut entry);
        log.events.push(entry);
    }

    fn enter(&self, span: &Id) {
        self.log().inside.push((std::thread::current().id(), span.into_u64()));
    }

    fn exit(&self, span: &Id) {
        let mut log = self.log();
        let this = (std::thread::current().id(), span.into_u64());
        let at = log.inside.iter().rposition(|entered| *entered == this).expect("it was entered");
        log.inside.remove(at);
    }

    fn current_span(&self) -> Current {
        let log = self.log();
        let current = Self::current(&log);
        let metadata = current.and_then(|id| log.spans[place(id)].metadata);
        match (current, metadata) {
            (Some(id), Some(metadata)) => Current::new(Id::from_u64(id), metadata),
            _ => Current::none(),
        }
    }

    fn try_close(&self, span: Id) -> bool {
        self.log().spans[place(span.into_u64())].closed = true;
        true
    }
}

/// The index of a span among the opened ones.
fn place(id: u64) -> usize {
    usize::try_from(id).expect("they are few") - 1
}

/// The spans and events up to `level` while `run` runs.
fn told(level: Level, run: impl FnOnce()) -> Log {
    let recorder = Recorder(Arc::default(), level);
    subscriber::with_default(recorder.clone(), run);
    let log = std::mem::take(&mut *recorder.log());
    assert!(log.inside.is_empty(), "who goes in comes out");
    log
}

#[test]
fn a_run_and_each_of_its_stages_are_spans_that_know_what_was_done() {
    let log = told(Level::TRACE, || {
        let numbers = Pipeline::new("numbers", from_iter(0..1000)).filter(|n| n % 10 == 0);
        numbers.buffer(size(30)).end(Collect::new()).run().unwrap();
    });
    let run = &log.spans[0];
    assert_eq!((run.what.as_str(), run.fields["name"].as_str()), ("INFO pipeline", "numbers"));
    let stages: Vec<_> = log.spans[1..]
        .iter()
        .map(|stage| {
            let count = |key: &str| stage.fields.get(key).map_or("-", String::as_str);
            assert_eq!((stage.what.as_str(), stage.parent), ("DEBUG stage", Some(1)));
            assert!(["working_us", "upstream_us", "downstream_us"].iter().all(|key| count(key) != "-"));
            [count("name"), count("items_in"), count("items_out"), count("filtered"), count("failed")]
        })
        .collect();
    assert_eq!(
        stages,
        [
            ["from_iter", "-", "1000", "0", "0"],
            ["filter", "1000", "100", "900", "0"],
            ["buffer", "100", "4", "0", "0"],
            ["Collect", "4", "-", "0", "0"],
        ]
    );
    assert!(log.spans.iter().all(|span| span.closed), "{log:?}");
    let ends: Vec<_> = log.events.iter().map(|event| (event.what.as_str(), event.parent)).collect();
    assert_eq!(ends, [("DEBUG", Some(1))], "nothing is told of items or chunks");
    assert_eq!(log.events[0].fields["end"], "finished");
}

#[test]
fn who_asks_for_less_hears_of_the_run_alone() {
    let log = told(Level::INFO, || {
        Pipeline::new("numbers", from_iter(0..10)).end(Collect::new()).run().unwrap();
    });
    assert_eq!((log.spans.len(), log.events.len()), (1, 0));
    let nothing = told(Level::WARN, || {
        Pipeline::new("numbers", from_iter(0..10)).end(Collect::new()).run().unwrap();
    });
    assert_eq!((nothing.spans.len(), nothing.events.len()), (0, 0));
}

#[test]
fn how_a_run_ended_is_told_with_its_error() {
    let log = told(Level::DEBUG, || {
        let refuse = for_each(|n| if n == 3 { Err(Halt::from(std::fmt::Error)) } else { Ok(()) });
        Pipeline::new("numbers", from_iter(0..10)).end(refuse).run().unwrap_err();
        let token = CancelToken::new();
        token.cancel();
        let cancelled = Pipeline::new("cancelled", from_iter(0..10)).end(Collect::new()).cancelled_by(&token);
        cancelled.run().unwrap_err();
    });
    let ends: Vec<_> = log.events.iter().map(|event| event.fields["end"].as_str()).collect();
    assert_eq!(ends, ["failed", "cancelled"]);
    assert_eq!(log.events[0].fields["error"], std::fmt::Error.to_string());
    let sink = log.spans.iter().find(|span| span.fields["name"] == "for_each").unwrap();
    assert_eq!(sink.fields["failed"], "1");
}

/// The events of a stage are inside the run's span, also on another thread.
#[test]
fn what_stages_log_belongs_to_the_run() {
    let log = told(Level::WARN, || {
        let outer = tracing::warn_span!("outer");
        outer.in_scope(|| {
            Pipeline::new("numbers", from_iter(0..1))
                .map(|n| {
                    tracing::warn!(n, "odd");
                    n
                })
                .end(Collect::new())
                .run()
                .unwrap();
        });
    });
    assert_eq!(log.events[0].parent, Some(1), "of whoever runs it, where the run is no span");
    let dispatch = |log: &Log| {
        log.events.iter().filter(|event| event.what == "WARN").map(|event| event.parent).collect::<Vec<_>>()
    };
    let log = told(Level::INFO, || {
        let default = tracing::dispatcher::get_default(Clone::clone);
        Pipeline::new("numbers", from_iter(0..4))
            .map_parallel(size(2), 4, |n| {
                // The recorder is that of the test's thread alone.
                tracing::dispatcher::with_default(&default, || tracing::warn!(n, "odd"));
                n
            })
            .inspect(|n| tracing::warn!(n, "even"))
            .end(Collect::new())
            .run()
            .unwrap();
    });
    assert_eq!(dispatch(&log).len(), 8);
    assert!(dispatch(&log).iter().all(|parent| *parent == Some(1)), "{log:?}");
}

#[test]
fn a_run_of_steps_is_a_span_and_so_is_each_step_while_it_runs() {
    let log = told(Level::DEBUG, || {
        let run = Steps::new("queue").run(|steps| {
            for rows in [3, 4] {
                steps.step("fill", |step| {
                    tracing::warn!("inside");
                    step.items_out(rows);
                    Ok(())
                })?;
            }
            steps.step("note", |_| Err::<(), _>(Failure::new("locked")))
        });
        run.unwrap_err();
    });
    let spans: Vec<_> = log
        .spans
        .iter()
        .map(|span| {
            let field = |key: &str| span.fields.get(key).map_or("-", String::as_str);
            (span.what.as_str(), span.parent, field("name"), field("items_out"), field("failed"), span.closed)
        })
        .collect();
    let expected = [
        ("INFO pipeline", None, "queue", "-", "-", true),
        ("DEBUG stage", Some(1), "fill", "3", "0", true),
        ("DEBUG stage", Some(1), "fill", "4", "0", true),
        ("DEBUG stage", Some(1), "note", "-", "1", true),
    ];
    assert_eq!(spans, expected);
    let events: Vec<_> = log.events.iter().map(|event| (event.what.as_str(), event.parent)).collect();
    assert_eq!(events, [("WARN", Some(2)), ("WARN", Some(3)), ("DEBUG", Some(1))]);
    assert_eq!(
        (log.events[2].fields["end"].as_str(), log.events[2].fields["error"].as_str()),
        ("failed", "locked")
    );
}

#[test]
fn an_iterator_is_a_span_from_its_first_item_to_its_end_and_so_is_one_that_is_dropped() {
    for taken in [1000, 3] {
        let log = told(Level::DEBUG, || {
            let numbers = Pipeline::new("numbers", from_iter(0..1000)).inspect(|n| {
                if *n == 0 {
                    tracing::warn!("inside");
                }
            });
            let mut numbers = numbers.into_iter();
            tracing::warn!("before");
            assert_eq!(numbers.by_ref().take(taken).count(), taken);
            tracing::warn!("outside");
            if taken == 1000 {
                assert!(numbers.next().is_none());
            }
        });
        let names: Vec<_> = log.spans.iter().map(|span| span.fields["name"].as_str()).collect();
        assert_eq!(names, ["numbers", "from_iter", "inspect", "iterator"]);
        let read = log.spans[1].fields["items_out"].as_str();
        assert_eq!(log.spans[3].fields["items_in"], read);
        // Chunks of an iterator that is dropped are read as a whole.
        let read: usize = read.parse().unwrap();
        assert!(if taken == 1000 { read == 1000 } else { (3..1000).contains(&read) }, "{read}");
        assert!(log.spans.iter().all(|span| span.closed), "{log:?}");
        // The run has ended with the chunk of its last item, or with the iterator.
        let (end, at) = if taken == 1000 { ("finished", 2) } else { ("dropped", 3) };
        let parents: Vec<_> = log.events.iter().map(|event| event.parent).collect();
        assert_eq!(
            parents,
            if at == 2 { [None, Some(1), Some(1), None] } else { [None, Some(1), None, Some(1)] }
        );
        assert_eq!(log.events[at].fields["end"], end);
    }
}

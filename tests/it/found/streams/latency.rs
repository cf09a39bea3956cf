//! Latency: items that were read wait for no others, and slow items can be cancelled one by one.

use std::io::{self, BufReader, Read};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use std::{iter, thread};

use syncline::channel::from_channel;
use syncline::io::{from_json_lines, lines};
use syncline::prelude::*;
use syncline::source::{from_results, read_ahead};
use syncline::{CancelToken, for_each, size};

/// A pipe: a read blocks until something is sent, and the text ends when the sender is dropped.
struct Pipe {
    receiver: Receiver<&'static str>,
    rest: &'static [u8],
}

impl Pipe {
    fn new() -> (Sender<&'static str>, BufReader<Self>) {
        let (sender, receiver) = channel();
        (sender, BufReader::new(Self { receiver, rest: b"" }))
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            self.rest = self.receiver.recv().map_or(b"", str::as_bytes);
        }
        self.rest.read(buffer)
    }
}

/// Asserts that `run` emits three items while the pipe is quiet: only the third ends it.
fn check(text: &'static str, run: impl FnOnce(BufReader<Pipe>, &mut dyn FnMut()) + Send) {
    let (sender, pipe) = Pipe::new();
    sender.send(text).unwrap();
    let (done, is_done) = channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut seen = 0;
            run(pipe, &mut || {
                seen += 1;
                done.send(seen).unwrap();
            });
        });
        let seen: Vec<_> =
            iter::repeat_with(|| is_done.recv_timeout(Duration::from_secs(20))).take(3).collect();
        drop(sender);
        assert_eq!(seen, [Ok(1), Ok(2), Ok(3)]);
    });
}

const LINES: &str = "1\n2\n3\n";

/// Reported for another tool as vectordotdev/vector#10806.
#[test]
fn the_last_lines_of_a_quiet_log_are_handed_on_by_read_ahead() {
    check(LINES, |pipe, seen| {
        thread::scope(|scope| {
            let ahead = read_ahead(scope, lines(pipe), size(1));
            Pipeline::new("tail", ahead)
                .end(for_each(|_: String| {
                    seen();
                    Ok(())
                }))
                .run()
                .unwrap();
        });
    });
}

#[test]
fn the_last_lines_of_a_quiet_log_are_handed_on_by_parallel() {
    // Also with a line that is not whole yet.
    for text in [LINES, "1\n2\n3\n4"] {
        check(text, |pipe, seen| {
            let mut count = 0;
            Pipeline::new("tail", lines(pipe))
                .map_parallel(size(2), 64, |line: String| line.len())
                .end(for_each(|_: usize| {
                    count += 1;
                    if count <= 3 {
                        seen();
                    }
                    Ok(())
                }))
                .run()
                .unwrap();
        });
    }
}

#[test]
fn the_last_lines_of_json_are_handed_on_by_a_boxed_parallel_stage_of_read_ahead() {
    check(LINES, |pipe, seen| {
        Pipeline::new("tail", from_json_lines::<u32, _>(pipe))
            .map_parallel(size(2), 64, |n: u32| n)
            .boxed()
            .end(for_each(|_: u32| {
                seen();
                Ok(())
            }))
            .run()
            .unwrap();
    });
    check(LINES, |pipe, seen| {
        thread::scope(|scope| {
            let ahead = read_ahead(scope, from_json_lines::<u32, _>(pipe), size(4));
            Pipeline::new("tail", ahead)
                .map_parallel(size(2), 64, |n: u32| n)
                .end(for_each(|_: u32| {
                    seen();
                    Ok(())
                }))
                .run()
                .unwrap();
        });
    });
}

#[test]
fn read_ahead_by_as_much_as_there_is_allocates_nothing() {
    let outcome = thread::scope(|scope| {
        let ahead = read_ahead(scope, from_iter(0..3), size(usize::MAX));
        Pipeline::new("p", ahead).end(Collect::new()).run()
    });
    assert_eq!(outcome.unwrap().output, [0, 1, 2]);
}

/// Asserts that a run over `source` whose items take long is cancelled soon after the tenth.
fn is_cancelled_soon<S: Source>(source: S) {
    let token = CancelToken::new();
    let mut seen = 0;
    let run = Pipeline::new("slow", source)
        .inspect(|_| {
            seen += 1;
            thread::sleep(Duration::from_millis(3));
            if seen == 10 {
                token.cancel();
            }
        })
        .end(for_each(|_| Ok(())))
        .cancelled_by(&token)
        .run();
    assert!(run.unwrap_err().is_cancelled());
    assert!(seen <= 11, "{seen} items");
}

#[test]
fn slow_items_are_cancelled_one_by_one_whatever_the_source() {
    is_cancelled_soon(0..1000_u32);
    is_cancelled_soon(from_iter(0..1000));
    is_cancelled_soon(from_results((0..1000).map(Ok::<_, io::Error>)));
    is_cancelled_soon(lines("a\n".repeat(1000).as_bytes()));
    is_cancelled_soon(from_json_lines::<u32, _>("1\n".repeat(1000).as_bytes()));
    is_cancelled_soon(syncline::io::from_csv::<(u32,), _>(&*"1\n".repeat(1000).into_bytes()));
    is_cancelled_soon(syncline::merge([from_iter(0..1000), from_iter(0..1000)]));
    is_cancelled_soon(syncline::chain([from_iter(0..1000), from_iter(0..1000)]));
    let (sender, receiver) = channel();
    (0..1000).for_each(|n| sender.send(n).unwrap());
    is_cancelled_soon(from_channel(receiver));
}

#[test]
fn slow_items_in_a_parallel_stage_are_cancelled_while_the_stage_waits() {
    let token = CancelToken::new();
    let start = std::time::Instant::now();
    let run = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(30));
            token.cancel();
        });
        Pipeline::new("slow", from_iter(0..1000))
            .map_parallel(size(2), 100, |n: i32| {
                thread::sleep(Duration::from_millis(50));
                n
            })
            .end(Collect::new())
            .cancelled_by(&token)
            .run()
    });
    assert!(run.unwrap_err().is_cancelled());
    // 1,000 items on two threads take 25 seconds, and the 102 that the stage holds take 2.5.
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn a_run_that_drains_loses_no_item_that_was_taken_from_a_channel() {
    let (sender, mut receiver) = channel();
    (0..10_000).for_each(|n| sender.send(n).unwrap());
    let token = CancelToken::new();
    let run = Pipeline::new("service", from_channel(&mut receiver))
        .inspect(|n| {
            if *n == 700 {
                token.drain();
            }
        })
        .map_parallel(size(2), 64, |n: i32| n)
        .buffer(size(100))
        .end(Collect::new())
        .cancelled_by(&token)
        .run();
    let numbers = run.unwrap().output.concat();
    assert!(numbers.len() > 700 && numbers.len() < 10_000, "{}", numbers.len());
    let all: Vec<_> = numbers.into_iter().chain(receiver.try_iter()).collect();
    assert_eq!(all, (0..10_000).collect::<Vec<_>>());
}

//! One chain over `u64`, written in several ways: map, filter, map, buffer(500), unbuffer, map, sum.
//!
//! Each function takes the count of numbers and returns their sum. None is inlined into its caller. The steps are functions that
//! all ways share, and are inlined.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::StreamExt as _;
use syncline::{Failure, Halt, Pipeline, Sink, from_iter, pipeline, size};
use timely::dataflow::channels::pact;
use timely::dataflow::operators::Operator as _;
use timely::dataflow::operators::vec::{Filter as _, Map as _, ToStream as _};

use crate::measure::Way;

/// The number of items of a chunk.
const CHUNK: usize = 500;

/// All ways. The first is the one that the others are compared with.
pub(crate) const WAYS: [Way; 9] = [
    Way { name: "hand-written loop", run: hand_written_loop },
    Way { name: "methods, unmetered", run: methods_unmetered },
    Way { name: "methods", run: methods },
    Way { name: "pipeline!", run: declared },
    Way { name: "pipeline!, unmetered", run: declared_unmetered },
    Way { name: "methods, unmetered, from_iter", run: from_iterator },
    Way { name: "Iterator, no buffer", run: iterator },
    Way { name: "futures::Stream", run: futures_stream },
    Way { name: "timely, its own buffers", run: timely_dataflow },
];

/// The ways whose instructions `guard` compares. Metered ones are not among them: the number of timed chunks depends on the clock.
pub(crate) const GUARDED: [Way; 2] = [WAYS[1], WAYS[4]];

#[inline]
fn multiply(n: u64) -> u64 {
    n.wrapping_mul(7)
}

#[inline]
fn passes(n: u64) -> bool {
    !n.is_multiple_of(3)
}

#[inline]
fn mix(n: u64) -> u64 {
    n ^ (n >> 3)
}

#[inline]
fn increment(n: u64) -> u64 {
    n.wrapping_add(1)
}

/// Sink that adds up numbers.
#[derive(Debug, Default)]
pub(crate) struct Sum(u64);

impl Sink for Sum {
    type In = u64;
    type Output = u64;

    #[inline]
    fn consume(&mut self, n: u64) -> Result<(), Halt> {
        self.0 = self.0.wrapping_add(n);
        Ok(())
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.0)
    }
}

#[inline(never)]
fn hand_written_loop(numbers: u64) -> u64 {
    let mut sum = 0_u64;
    let mut held = Vec::with_capacity(CHUNK);
    for n in 0..numbers {
        let n = multiply(n);
        if passes(n) {
            held.push(mix(n));
            if held.len() == CHUNK {
                for n in held.drain(..) {
                    sum = sum.wrapping_add(increment(n));
                }
            }
        }
    }
    for n in held {
        sum = sum.wrapping_add(increment(n));
    }
    sum
}

#[inline(never)]
fn methods_unmetered(numbers: u64) -> u64 {
    Pipeline::unmetered("chain", 0..numbers)
        .map(multiply)
        .filter(|n| passes(*n))
        .map(mix)
        .buffer(const { size(CHUNK) })
        .unbuffer()
        .map(increment)
        .end(Sum::default())
        .run()
        .map_or(0, |outcome| outcome.output)
}

#[inline(never)]
fn methods(numbers: u64) -> u64 {
    Pipeline::new("chain", 0..numbers)
        .map(multiply)
        .filter(|n| passes(*n))
        .map(mix)
        .buffer(const { size(CHUNK) })
        .unbuffer()
        .map(increment)
        .end(Sum::default())
        .run()
        .map_or(0, |outcome| outcome.output)
}

pipeline! {
    Declared(numbers: u64) -> u64 {
        0..numbers
            => map(multiply)
            => filter(|n| passes(*n))
            => map(mix)
            => buffer(500)
            => unbuffer
            => map(increment)
            => Sum::default()
    }
}

#[inline(never)]
fn declared(numbers: u64) -> u64 {
    Declared::run(numbers).map_or(0, |outcome| outcome.output)
}

pipeline! {
    #[syncline(unmetered)]
    DeclaredUnmetered(numbers: u64) -> u64 {
        0..numbers
            => map(multiply)
            => filter(|n| passes(*n))
            => map(mix)
            => buffer(500)
            => unbuffer
            => map(increment)
            => Sum::default()
    }
}

#[inline(never)]
fn declared_unmetered(numbers: u64) -> u64 {
    DeclaredUnmetered::run(numbers).map_or(0, |outcome| outcome.output)
}

#[inline(never)]
fn from_iterator(numbers: u64) -> u64 {
    Pipeline::unmetered("chain", from_iter(0..numbers))
        .map(multiply)
        .filter(|n| passes(*n))
        .map(mix)
        .buffer(const { size(CHUNK) })
        .unbuffer()
        .map(increment)
        .end(Sum::default())
        .run()
        .map_or(0, |outcome| outcome.output)
}

#[inline(never)]
fn iterator(numbers: u64) -> u64 {
    (0..numbers).map(multiply).filter(|n| passes(*n)).map(mix).map(increment).fold(0, u64::wrapping_add)
}

#[inline(never)]
fn futures_stream(numbers: u64) -> u64 {
    let chain = futures_util::stream::iter(0..numbers)
        .map(multiply)
        .filter(|n| std::future::ready(passes(*n)))
        .map(mix)
        .chunks(CHUNK)
        .flat_map(futures_util::stream::iter)
        .map(increment)
        .fold(0_u64, |sum, n| std::future::ready(sum.wrapping_add(n)));
    futures_executor::block_on(chain)
}

/// Timely moves items between two operators in containers of 1024.
#[inline(never)]
fn timely_dataflow(numbers: u64) -> u64 {
    timely::execute_directly(move |worker| {
        let sum = Rc::new(Cell::new(0_u64));
        let total = Rc::clone(&sum);
        worker.dataflow::<u64, _, _>(|scope| {
            (0..numbers).to_stream(scope).map(multiply).filter(|n| passes(*n)).map(mix).map(increment).sink(
                pact::Pipeline,
                "Sum",
                move |(input, _)| {
                    input.for_each_stamp(|_, chunks| {
                        for chunk in chunks {
                            total.set(chunk.iter().fold(total.get(), |sum, n| sum.wrapping_add(*n)));
                        }
                    });
                },
            );
        });
        while worker.has_dataflows() {
            worker.step();
        }
        sum.get()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_give_one_sum() {
        for numbers in [0, 1, 2, 750, 751, 752, 10_000] {
            let sum = (WAYS[0].run)(numbers);
            for way in WAYS {
                assert_eq!((way.run)(numbers), sum, "{} of {numbers}", way.name);
            }
        }
    }
}

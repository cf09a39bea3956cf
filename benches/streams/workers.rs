//! Work of 20 µs for each item, on one thread and on two.

use std::hint::black_box;

use syncline::{Halt, Pipeline, pipeline, size};

use crate::chains::Sum;
use crate::measure::Way;

/// All ways. The first is the one that the others are compared with.
pub(crate) const WAYS: [Way; 4] = [
    Way { name: "map(work)", run: one_thread },
    Way { name: "map(work) parallel(2)", run: declared },
    Way { name: "map_parallel(2)", run: two_threads },
    Way { name: "a thread for each half", run: by_hand },
];

/// Computes for about 20 µs.
fn work(n: u64) -> u64 {
    let mut state = n;
    for _ in 0..28_000 {
        state = black_box(state).wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    }
    state
}

#[inline(never)]
fn one_thread(items: u64) -> u64 {
    Pipeline::new("one", 0..items).map(work).end(Sum::default()).run().map_or(0, |outcome| outcome.output)
}

pipeline! {
    Two(items: u64) -> u64 {
        0..items => map(work) parallel(2) => Sum::default()
    }
}

#[inline(never)]
fn declared(items: u64) -> u64 {
    Two::run(items).map_or(0, |outcome| outcome.output)
}

#[inline(never)]
fn two_threads(items: u64) -> u64 {
    Pipeline::new("two", 0..items)
        .try_map_parallel(const { size(2) }, 64, |n| Ok::<_, Halt>(work(n)))
        .end(Sum::default())
        .run()
        .map_or(0, |outcome| outcome.output)
}

/// Two threads that share nothing: the best possible time.
#[inline(never)]
fn by_hand(items: u64) -> u64 {
    std::thread::scope(|scope| {
        let half = scope.spawn(|| (0..items / 2).map(work).fold(0, u64::wrapping_add));
        let other = (items / 2..items).map(work).fold(0, u64::wrapping_add);
        half.join().map_or(0, |half| other.wrapping_add(half))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_give_one_sum() {
        for items in [0, 1, 200] {
            let sum = one_thread(items);
            for way in WAYS {
                assert_eq!((way.run)(items), sum, "{} of {items}", way.name);
            }
        }
    }
}

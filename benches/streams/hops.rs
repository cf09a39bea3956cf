//! Chunks that are made on one thread and summed on another: by bare channels and by pipelines.

use std::thread;

use crossbeam_channel::bounded;
use syncline::channel::{from_channel, to_channel};
use syncline::source::read_ahead;
use syncline::{Pipeline, Progress, Source, size};

use crate::chains::Sum;
use crate::measure::Way;

/// The number of items of a chunk, and the capacity of a channel in chunks.
const CHUNK: usize = 256;
const WAITING: usize = 4;

pub(crate) const WAYS: [Way; 4] = [
    Way { name: "crossbeam, one thread to another", run: bare },
    Way { name: "read_ahead", run: ahead },
    Way { name: "to_channel, from_channel, crossbeam", run: crossbeam_channels },
    Way { name: "to_channel, from_channel, std", run: std_channels },
];

/// Makes the chunk of numbers that begins with `first`.
fn chunk(first: u64, numbers: u64) -> Vec<u64> {
    (first..numbers.min(first + CHUNK as u64)).collect()
}

#[inline(never)]
fn bare(numbers: u64) -> u64 {
    let (sender, receiver) = bounded::<Vec<u64>>(WAITING);
    thread::scope(|scope| {
        scope.spawn(move || {
            for first in (0..numbers).step_by(CHUNK) {
                if sender.send(chunk(first, numbers)).is_err() {
                    return;
                }
            }
        });
        let mut sum = 0_u64;
        for chunk in receiver {
            for n in chunk {
                sum = sum.wrapping_add(n);
            }
        }
        sum
    })
}

#[inline(never)]
fn ahead(numbers: u64) -> u64 {
    thread::scope(|scope| {
        let numbers = read_ahead(scope, 0..numbers, const { size(WAITING) });
        Pipeline::unmetered("ahead", numbers).end(Sum::default()).run().map_or(0, |outcome| outcome.output)
    })
}

/// Source of the same chunks.
struct Chunks {
    next: u64,
    numbers: u64,
}

impl Source for Chunks {
    type Item = Vec<u64>;

    fn advance(&mut self, out: &mut impl syncline::Emit<Vec<u64>>) -> Result<Progress, syncline::Halt> {
        if self.next >= self.numbers {
            return Ok(Progress::Done);
        }
        out.emit(chunk(self.next, self.numbers))?;
        self.next += CHUNK as u64;
        Ok(Progress::More)
    }
}

/// Runs a pipeline that ends in a channel on a second thread, and one that begins with the channel on this.
fn channels<S, R>(numbers: u64, sender: S, receiver: R) -> u64
where
    S: syncline::channel::SendingEnd<Item = Vec<u64>> + Send,
    R: syncline::channel::ReceivingEnd<Item = Vec<u64>>,
{
    thread::scope(|scope| {
        scope.spawn(move || {
            Pipeline::unmetered("send", Chunks { next: 0, numbers }).end(to_channel(sender)).run()
        });
        Pipeline::unmetered("receive", from_channel(receiver))
            .unbuffer()
            .end(Sum::default())
            .run()
            .map_or(0, |outcome| outcome.output)
    })
}

#[inline(never)]
fn crossbeam_channels(numbers: u64) -> u64 {
    let (sender, receiver) = bounded(WAITING);
    channels(numbers, sender, receiver)
}

#[inline(never)]
fn std_channels(numbers: u64) -> u64 {
    let (sender, receiver) = std::sync::mpsc::sync_channel(WAITING);
    channels(numbers, sender, receiver)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_give_one_sum() {
        for numbers in [0, 1, 255, 256, 257, 10_000] {
            for way in WAYS {
                assert_eq!((way.run)(numbers), (0..numbers).sum::<u64>(), "{} of {numbers}", way.name);
            }
        }
    }
}

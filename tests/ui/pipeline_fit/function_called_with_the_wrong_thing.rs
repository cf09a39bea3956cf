//! A wrong argument type and a wrong result type of one function are one error.

use std::sync::mpsc::Sender;
use syncline::channel::{from_channel, to_channel};
use syncline::source::{from_results, merge_by};
use syncline::{Collect, Emit, Halt, Stage, for_each, from_iter};

struct Above<F>(F);

impl<F: Into<u64> + Copy> Stage for Above<F> {
    type In = u64;
    type Out = u64;

    fn push(&mut self, n: u64, out: &mut impl Emit<u64>) -> Result<(), Halt> {
        if n > self.0.into() { out.emit(n) } else { Ok(()) }
    }
}

fn odd<I: Iterator<Item = u64>>(numbers: I) -> syncline::source::FromIter<I> {
    from_iter(numbers)
}

syncline::pipeline! {
    pub NoIterator(n: u64) -> Vec<u64> {
        from_iter(n)
            => map(|n| n + 1)
            => buffer(2)
            => unbuffer
            => Collect::new()
    }
}

syncline::pipeline! {
    pub NoResults(n: u64) -> Vec<u64> {
        from_results(0..n) => Collect::new()
    }
}

syncline::pipeline! {
    pub NoOrder(n: u64) -> Vec<u64> {
        merge_by([from_iter(0..n)], |n| *n as f64) => Collect::new()
    }
}

syncline::pipeline! {
    pub NoChannel(n: u64) -> Vec<u64> {
        from_channel(n) => Collect::new()
    }
}

syncline::pipeline! {
    pub NotTheEnd(sender: Sender<u64>, n: u64) -> u64 {
        from_channel(sender) => to_channel(n)
    }
}

syncline::pipeline! {
    pub NoClosure(n: u64) -> u64 {
        from_iter(0..n) => for_each(n)
    }
}

syncline::pipeline! {
    pub InATee(n: u64) -> Vec<u64> {
        from_iter(0..n)
            => tee(for_each(n))
            => Collect::new()
    }
}

syncline::pipeline! {
    pub InADeadLetter(n: u64) -> Vec<u64> {
        from_iter(0..n)
            => try_map(|n| Ok(n)) on_error dead_letter(for_each(n))
            => Collect::new()
    }
}

syncline::pipeline! {
    pub OfTheUsersOwn(n: u64) -> Vec<u64> {
        odd(n) => Collect::new()
    }
}

syncline::pipeline! {
    pub ByItsPath(n: u64) -> u64 {
        syncline::from_iter(0..n) => syncline::for_each(n)
    }
}

fn main() {}

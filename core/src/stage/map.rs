//! `map`: one item out of each.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::emit::items::{Items, Mapped};
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::closure_stage::closure_stage;
use crate::stage::{Chunking, Stage, StageFacts, Yield};

closure_stage! {
    /// Stage of [`Pipeline::map`](crate::Pipeline::map): one item out of each.
    ///
    /// * Memory, end: it holds nothing, so nothing is left to hand on.
    /// * Error: the closure has none. One of an earlier or a later stage ends the run; the item that is here then is
    ///   dropped.
    Map<F: FnMut(T) -> U>, "map", U, yields One, chunks Other,
    |this, item, out| out.emit((this.call)(item)),
    |this, items| Mapped::new(items, &mut this.call)
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Makes one item out of each.
    ///
    /// What `f` makes may be left open, as `into` leaves it, where what stands behind says what it takes; not where the next
    /// closure asks something of it: that needs `map(|n| u64::from(n))`, or names the type itself, `map(|n: u64| n.pow(2))`.
    pub fn map<U, F: FnMut(T) -> U>(self, f: F) -> Piped<U, C, Map<F, T, U>, M> {
        self.then(Map::new(f))
    }
}

#[cfg(test)]
mod tests {
    use super::Map;
    use crate::stage::tests::{outputs, passes_errors_on};

    #[test]
    fn it_does_what_its_namesake_of_iterators_does() {
        for n in [0, 1, 2, 3, 100] {
            assert_eq!(outputs(Map::new(|i| i * 2), n), (0..n).map(|i| i * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_before_or_behind_it_ends_the_run() {
        passes_errors_on(|| Map::new(|i: usize| i));
    }
}

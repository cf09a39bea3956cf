//! `map`: one item for each item.

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
    /// Stage of [`Pipeline::map`](crate::Pipeline::map): converts each item.
    ///
    /// * Memory: no items.
    /// * End: nothing to emit.
    /// * Error: none of its own. An error of another stage ends the run and drops the current item.
    Map<F: FnMut(T) -> U>, "map", U, yields One, chunks Other,
    |this, item, out| out.emit((this.call)(item)),
    |this, items| Mapped::new(items, &mut this.call)
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Converts each item with `f`.
    ///
    /// The return type of `f` may be left open, as with `into`, if the next stage determines it. If the next closure
    /// calls a method on the item, name the type: `map(|n| u64::from(n))`, or `map(|n: u64| n.pow(2))` in the next
    /// closure.
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

//! `flat_map`: any number of items for each item, by a closure.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::{Emit, emit_in_pieces};
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::closure_stage::closure_stage;
use crate::stage::{Chunking, Stage, StageFacts, Yield};

closure_stage! {
    /// Stage of [`Pipeline::flat_map`](crate::Pipeline::flat_map): emits any number of items for each item.
    ///
    /// * Memory: the iterator of the current item.
    /// * End: nothing to emit.
    /// * Error: none of its own. An error or a stop of a later stage drops the rest of the current iterator, which may
    ///   be endless.
    FlatMapWith<F: FnMut(T) -> U> {where U: IntoIterator}, "flat_map".spreading, U::Item, yields Any, chunks Other,
    |this, item, out| emit_in_pieces((this.call)(item), out)
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Emits the items of the iterator that `f` returns for each item, one by one.
    pub fn flat_map<U: IntoIterator, F: FnMut(T) -> U>(
        self,
        f: F,
    ) -> Piped<U::Item, C, FlatMapWith<F, T, U>, M> {
        self.then(FlatMapWith::new(f))
    }
}

#[cfg(test)]
mod tests {
    use super::FlatMapWith;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::{Collect, Pipeline, from_iter};

    #[test]
    fn it_does_what_its_namesake_of_iterators_does() {
        for n in [0, 1, 2, 3, 100] {
            assert_eq!(outputs(FlatMapWith::new(|i| 0..i), n), (0..n).flat_map(|i| 0..i).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_before_or_behind_it_ends_the_run() {
        passes_errors_on(|| FlatMapWith::new(|i: usize| [i; 2]));
    }

    #[test]
    fn an_endless_flat_map_ends_when_nobody_wants_more() {
        let outcome =
            Pipeline::new("endless", from_iter(1..)).flat_map(|n: u64| n..).take(3).end(Collect::new()).run();
        assert_eq!(outcome.unwrap().output, [1, 2, 3]);
    }
}

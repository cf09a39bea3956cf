//! `filter_map`: at most one item for each item.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::emit::items::{FilterMapped, Items};
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::closure_stage::closure_stage;
use crate::stage::{Chunking, Stage, StageFacts, Yield};

closure_stage! {
    /// Stage of [`Pipeline::filter_map`](crate::Pipeline::filter_map): emits at most one item for each item.
    ///
    /// * Memory: no items.
    /// * End: nothing to emit.
    /// * Error: none of its own. An error of another stage ends the run and drops the current item.
    FilterMap<F: FnMut(T) -> Option<U>>, "filter_map", U, yields AtMostOne, chunks Other,
    |this, item, out| match (this.call)(item) {
        Some(item) => out.emit(item),
        None => Ok(()),
    },
    |this, items| FilterMapped::new(items, &mut this.call)
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Converts each item, or filters it out: `None` counts as filtered.
    pub fn filter_map<U, F: FnMut(T) -> Option<U>>(self, f: F) -> Piped<U, C, FilterMap<F, T, U>, M> {
        self.then(FilterMap::new(f))
    }
}

#[cfg(test)]
mod tests {
    use super::FilterMap;
    use crate::stage::tests::{outputs, passes_errors_on};

    #[test]
    fn it_does_what_its_namesake_of_iterators_does() {
        for n in [0, 1, 2, 3, 100] {
            assert_eq!(
                outputs(FilterMap::new(|i: usize| i.is_multiple_of(3).then_some(i + 1)), n),
                (0..n).filter_map(|i| i.is_multiple_of(3).then_some(i + 1)).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn an_error_before_or_behind_it_ends_the_run() {
        passes_errors_on(|| FilterMap::new(|i: usize| i.is_multiple_of(3).then_some(i)));
    }
}

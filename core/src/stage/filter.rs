//! `filter`: the items for which a closure returns `true`.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::emit::items::{FilterMapped, Items, some_if};
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::closure_stage::closure_stage;
use crate::stage::{Chunking, Stage, StageFacts, Yield};

closure_stage! {
    /// Stage of [`Pipeline::filter`](crate::Pipeline::filter): passes on the items for which a closure returns `true`.
    ///
    /// * Memory: no items.
    /// * End: nothing to emit.
    /// * Error: none of its own. An error of another stage ends the run and drops the current item.
    Filter<F: FnMut(&T) -> bool>, "filter", T, yields AtMostOne, chunks Keeps,
    |this, item, out| if (this.call)(&item) { out.emit(item) } else { Ok(()) },
    |this, items| FilterMapped::new(items, some_if(&mut this.call))
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Passes on the items for which `f` returns `true`. The others count as filtered.
    pub fn filter<F: FnMut(&T) -> bool>(self, f: F) -> Piped<T, C, Filter<F, T, bool>, M> {
        self.then(Filter::new(f))
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;
    use crate::stage::tests::{outputs, passes_errors_on};

    #[test]
    fn it_does_what_its_namesake_of_iterators_does() {
        for n in [0, 1, 2, 3, 100] {
            assert_eq!(
                outputs(Filter::<_, _, bool>::new(|i: &usize| i.is_multiple_of(3)), n),
                (0..n).filter(|i| i.is_multiple_of(3)).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn an_error_before_or_behind_it_ends_the_run() {
        passes_errors_on(|| Filter::<_, _, bool>::new(|i: &usize| i.is_multiple_of(3)));
    }
}

//! `inspect`: the same items, passed to a closure by reference.

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
    /// Stage of [`Pipeline::inspect`](crate::Pipeline::inspect): passes on the same items, after a closure has seen
    /// each of them.
    ///
    /// * Memory: no items.
    /// * End: nothing to emit.
    /// * Error: none of its own. An error of another stage ends the run and drops the current item.
    Inspect<F: FnMut(&T) -> U>, "inspect", T, yields One, chunks Keeps,
    |this, item, out| {
        (this.call)(&item);
        out.emit(item)
    },
    |this, items| Mapped::new(items, showing(&mut this.call))
}

/// Calls the closure with each item by reference.
#[inline]
fn showing<T, U>(call: &mut impl FnMut(&T) -> U) -> impl FnMut(T) -> T {
    |item| {
        call(&item);
        item
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Calls `f` with each item by reference. Behind a buffer that is once for each chunk, for example to show
    /// progress.
    pub fn inspect<U, F: FnMut(&T) -> U>(self, f: F) -> Piped<T, C, Inspect<F, T, U>, M> {
        self.then(Inspect::new(f))
    }
}

#[cfg(test)]
mod tests {
    use super::Inspect;
    use crate::stage::tests::{outputs, passes_errors_on};

    #[test]
    fn it_sees_each_item_and_changes_none() {
        for n in [0, 1, 2, 3, 100] {
            let mut seen = Vec::new();
            let all: Vec<_> = (0..n).collect();
            assert_eq!(outputs(Inspect::new(|i: &usize| seen.push(*i)), n), all);
            assert_eq!(seen, all);
        }
    }

    #[test]
    fn an_error_before_or_behind_it_ends_the_run() {
        passes_errors_on(|| Inspect::new(|_: &usize| ()));
    }
}

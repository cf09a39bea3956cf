//! `inspect`: the same items, looked at on their way.

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
    /// Stage of [`Pipeline::inspect`](crate::Pipeline::inspect): the same items, looked at on their way.
    ///
    /// * Memory, end: it holds nothing, so nothing is left to hand on.
    /// * Error: the closure has none. One of an earlier or a later stage ends the run; the item that is here then is
    ///   dropped.
    Inspect<F: FnMut(&T) -> U>, "inspect", T, yields One, chunks Keeps,
    |this, item, out| {
        (this.call)(&item);
        out.emit(item)
    },
    |this, items| Mapped::new(items, showing(&mut this.call))
}

/// Shows each item on its way.
#[inline]
fn showing<T, U>(call: &mut impl FnMut(&T) -> U) -> impl FnMut(T) -> T {
    |item| {
        call(&item);
        item
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Shows each item to `f` on its way. Behind a buffer that is each chunk: a place for progress.
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

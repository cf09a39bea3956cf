//! `map`: one item out of each.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::Halt;
use crate::graph::Node;
use crate::items::{Items, Mapped};
use crate::stage::closure_stage::closure_stage;
use crate::stage::{Packing, Stage, Yield};

closure_stage! {
    /// Stage of [`Pipeline::map`](crate::Pipeline::map): one item out of each.
    ///
    /// * Memory, end: it holds nothing, so nothing is left to hand on.
    /// * Error: the closure has none. One of an earlier or a later stage ends the run; the item that is here then is
    ///   dropped.
    Map<F: FnMut(T) -> U>, "map", U, One,
    |this, item, out| out.emit((this.call)(item)),
    |this, items| Mapped::new(items, &mut this.call)
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

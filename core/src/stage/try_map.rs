//! `try_map`: a conversion that may fail.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::Halt;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::closure_stage::closure_stage;
use crate::stage::{Chunking, Stage, StageFacts, Yield};

closure_stage! {
    /// Stage of [`Pipeline::try_map`](crate::Pipeline::try_map): converts each item, or fails.
    ///
    /// * Memory: no items.
    /// * End: nothing to emit.
    /// * Error: the closure's error goes to the stage's policy. Without a policy it ends the run: the items before were
    ///   passed on, and no item behind is.
    TryMap<F: FnMut(T) -> Result<U, Halt>>, "try_map", U, yields One, chunks Other,
    |this, item, out| out.emit((this.call)(item)?)
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Converts each item with `f`, which may fail: `?` converts any error to a [`Halt`]. A
    /// [policy](Pipeline::on_error) handles failed items; without a policy the run fails.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, skip};
    /// let numbers = Pipeline::new("numbers", from_iter(["1", "two", "3"]))
    ///     .try_map(|text| Ok(text.parse::<u64>()?))
    ///     .on_error(skip(10));
    /// assert_eq!(numbers.end(Collect::new()).run()?.output, [1, 3]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn try_map<U, F: FnMut(T) -> Result<U, Halt>>(self, f: F) -> Piped<U, C, TryMap<F, T, U>, M> {
        self.then(TryMap::new(f))
    }
}

#[cfg(test)]
mod tests {
    use super::TryMap;
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::{Failure, Halt, Pipeline, for_each, from_iter};

    #[test]
    fn it_does_what_map_does_where_nothing_fails() {
        for n in [0, 1, 2, 3, 100] {
            assert_eq!(outputs(TryMap::new(|i| Ok(i * 2)), n), (0..n).map(|i| i * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_before_or_behind_it_ends_the_run() {
        passes_errors_on(|| TryMap::new(|i: usize| Ok::<_, Halt>(i)));
    }

    /// The items before a failed item are passed on, and no item behind it is.
    #[test]
    fn an_item_that_a_try_map_fails_at_ends_the_run() {
        for at in [0, 1, 98, 99] {
            let mut seen = Vec::new();
            let error = Pipeline::new("try", from_iter(0..100))
                .try_map(|i| if i == at { Err(Failure::new("no").at(i).into()) } else { Ok(i) })
                .end(for_each(|i| {
                    seen.push(i);
                    Ok(())
                }))
                .run()
                .unwrap_err();
            assert_eq!((error.stage(), error.record()), (Some("try_map"), Some(at.to_string().as_str())));
            assert_eq!(seen, (0..at).collect::<Vec<_>>());
        }
    }
}

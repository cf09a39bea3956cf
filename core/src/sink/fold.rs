//! `fold`: the sink that combines all items into one value.

use std::fmt;
use std::marker::PhantomData;

use super::Sink;
use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Chain, Pipeline};
use crate::report::Meter;
use crate::run::Runnable;

/// A sink that combines all items into one value, as [`Iterator::fold`] does: `combine` takes the value so far and an
/// item, and returns the next value. The output is the last value, which is `start` if there are no items.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use syncline_core::{Pipeline, from_iter};
///
/// let words = Pipeline::new("words", from_iter(["a", "b", "a"]));
/// let counted = words.fold(BTreeMap::new(), |mut counts, word| {
///     *counts.entry(word).or_insert(0) += 1;
///     counts
/// });
/// assert_eq!(counted.run()?.output, BTreeMap::from([("a", 2), ("b", 1)]));
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn fold<T, A, F: FnMut(A, T) -> A>(start: A, combine: F) -> Fold<T, A, F> {
    Fold { value: Some(start), combine, items: PhantomData }
}

/// Sink of [`fold`].
///
/// * Shape: any item. The output is the last value.
/// * Memory: the value.
/// * End: the output. Error: none.
#[must_use]
pub struct Fold<T, A, F> {
    /// `None` during a call of the closure, and after a call that has panicked.
    value: Option<A>,
    combine: F,
    items: PhantomData<fn(T)>,
}

/// The value, or the error of a sink whose closure has panicked.
fn value_of<A>(value: Option<A>) -> Result<A, Failure> {
    value.ok_or_else(|| Failure::new("the closure of `fold` has panicked before"))
}

impl<T, A, F: FnMut(A, T) -> A> Sink for Fold<T, A, F> {
    type In = T;
    type Output = A;

    #[inline]
    fn consume(&mut self, item: T) -> Result<(), Halt> {
        let value = value_of(self.value.take())?;
        self.value = Some((self.combine)(value, item));
        Ok(())
    }

    #[inline]
    fn consume_all(&mut self, items: impl Items<T>) -> Result<(), Halt> {
        let combine = &mut self.combine;
        // A local variable, which the compiler can keep in registers.
        let mut value = self.value.take();
        let consumed = items.each(|item| {
            value = Some(combine(value_of(value.take())?, item));
            Ok(())
        });
        self.value = value;
        consumed
    }

    fn finish(self) -> Result<A, Failure> {
        value_of(self.value)
    }

    fn name(&self) -> &'static str {
        "fold"
    }

    fn node(&self) -> Node {
        Node::sink("fold").holding_in_words("its value")
    }
}

impl<T, A: fmt::Debug, F> fmt::Debug for Fold<T, A, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fold").field("value", &self.value).finish_non_exhaustive()
    }
}

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Ends the pipeline with [`fold`](crate::fold()): the output is the value that `combine` makes of `start` and all
    /// items.
    pub fn fold<A, F: FnMut(A, T) -> A>(self, start: A, combine: F) -> Runnable<C, Fold<T, A, F>, M> {
        self.end(fold(start, combine))
    }
}

#[cfg(test)]
mod tests {
    use crate::stage::tests::FailAfter;
    use crate::{Pipeline, from_iter, size};

    #[test]
    fn it_does_what_its_namesake_of_iterators_does() {
        for n in [0_u64, 1, 2, 256, 257, 1000] {
            let wanted = (0..n).fold(7, |value: u64, i| value.wrapping_mul(31) ^ i);
            let combine = |value: u64, i: u64| value.wrapping_mul(31) ^ i;
            let bulk = Pipeline::unmetered("bulk", from_iter(0..n)).fold(7, combine).run();
            assert_eq!(bulk.unwrap().output, wanted);
            let one_by_one = Pipeline::new("one", from_iter(0..n)).buffer(size(1)).unbuffer().boxed();
            assert_eq!(one_by_one.fold(7, combine).run().unwrap().output, wanted);
        }
    }

    #[test]
    fn a_value_that_cannot_be_copied_is_moved_through_the_closure() {
        let words = Pipeline::new("words", from_iter(["a", "b"]));
        let joined = words.fold(String::new(), |text, word| text + word).run().unwrap();
        assert_eq!(joined.output, "ab");
    }

    #[test]
    fn a_failure_before_it_ends_the_run() {
        let error = Pipeline::new("fails", FailAfter(4)).fold(0, |sum, n| sum + n).run().unwrap_err();
        assert_eq!(error.stage(), Some("FailAfter"));
    }
}

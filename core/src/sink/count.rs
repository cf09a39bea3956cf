//! `count`: the sink that counts items.

use std::fmt;
use std::marker::PhantomData;

use super::Sink;
use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Chain, Pipeline};
use crate::report::Meter;
use crate::run::Runnable;

/// A sink that drops all items. The output is their number.
///
/// ```
/// use syncline_core::{Pipeline, from_iter};
///
/// let outcome = Pipeline::new("even", from_iter(0..9)).filter(|n| n % 2 == 0).count().run()?;
/// assert_eq!(outcome.output, 5);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn count<T>() -> Count<T> {
    Count { count: 0, items: PhantomData }
}

/// Sink of [`count`].
///
/// * Shape: any item. The output is the number of items.
/// * Memory: no items.
/// * End: the output. Error: none.
#[must_use]
pub struct Count<T> {
    count: u64,
    items: PhantomData<fn(T)>,
}

impl<T> Sink for Count<T> {
    type In = T;
    type Output = u64;

    #[inline]
    fn consume(&mut self, _: T) -> Result<(), Halt> {
        self.count += 1;
        Ok(())
    }

    #[inline]
    fn consume_all(&mut self, items: impl Items<T>) -> Result<(), Halt> {
        let mut count = 0;
        let consumed = items.each(|_| {
            count += 1;
            Ok(())
        });
        self.count += count;
        consumed
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.count)
    }

    fn name(&self) -> &'static str {
        "count"
    }

    fn node(&self) -> Node {
        Node::sink("count").holding(0_u64)
    }
}

impl<T> fmt::Debug for Count<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Count").field("count", &self.count).finish()
    }
}

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Ends the pipeline with [`count`](crate::count()): the output is the number of items.
    pub fn count(self) -> Runnable<C, Count<T>, M> {
        self.end(count())
    }
}

#[cfg(test)]
mod tests {
    use crate::stage::tests::FailAfter;
    use crate::{Pipeline, from_iter, size};

    #[test]
    fn items_one_by_one_and_many_at_once_are_counted() {
        for n in [0, 1, 2, 255, 256, 257, 1000] {
            assert_eq!(Pipeline::new("timed", from_iter(0..n)).count().run().unwrap().output, n);
            assert_eq!(Pipeline::unmetered("bulk", from_iter(0..n)).count().run().unwrap().output, n);
        }
        let chunks = Pipeline::new("chunks", from_iter(0..9)).buffer(size(2)).count().run();
        assert_eq!(chunks.unwrap().output, 5);
    }

    #[test]
    fn a_failure_before_it_ends_the_run() {
        let error = Pipeline::new("fails", FailAfter(4)).count().run().unwrap_err();
        assert_eq!(error.stage(), Some("FailAfter"));
        assert_eq!(error.report().stage("count").unwrap().items_in(), Some(4));
    }
}

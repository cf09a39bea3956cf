//! `for_each`: the sink that calls a closure for each item.

use std::fmt;

use super::Sink;
use crate::error::{Failure, Halt};

/// A sink that calls `consume` with each item. The output is the number of items.
///
/// ```
/// use syncline_core::{Pipeline, for_each, from_iter};
///
/// let mut sum = 0;
/// let outcome = Pipeline::new("sum", from_iter([1, 2, 3])).end(for_each(|n| { sum += n; Ok(()) })).run()?;
/// assert_eq!((sum, outcome.output), (6, 3));
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn for_each<T, F: FnMut(T) -> Result<(), Halt>>(consume: F) -> ForEach<T, F> {
    ForEach { consume, count: 0, item: std::marker::PhantomData }
}

/// Sink of [`for_each`].
///
/// * Shape: any item. The output is the number of calls.
/// * Memory: no items.
/// * End: no call of the closure.
/// * Error: the error of the closure ends the run. [`Halt::Stop`] ends it successfully.
#[must_use]
pub struct ForEach<T, F> {
    consume: F,
    count: u64,
    item: std::marker::PhantomData<fn(T)>,
}

impl<T, F: FnMut(T) -> Result<(), Halt>> Sink for ForEach<T, F> {
    type In = T;
    type Output = u64;

    #[inline]
    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.count += 1;
        (self.consume)(item)
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.count)
    }

    fn name(&self) -> &'static str {
        "for_each"
    }
}

impl<T, F> fmt::Debug for ForEach<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForEach").field("count", &self.count).finish_non_exhaustive()
    }
}

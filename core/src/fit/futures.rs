//! The functions that add a `map_async` or a `try_map_async` to a pipeline.

use std::fmt;
use std::future::Future;
use std::num::NonZeroUsize;

use crate::error::Halt;
use crate::fit::Made;
use crate::interop::map_async::methods::Mapped;
use crate::interop::map_async::{Failing, Infallible, MapAsync, MayFail, Order, Outcome};
use crate::pipeline::Pipeline;

/// The outputs of the futures of a `try_map_async`. A rule turns each of them into a `Result`.
pub struct Ruled<R>(R);

impl<O, U, R: FnMut(Made<O>) -> Result<U, Halt>> Outcome<O> for Ruled<R> {
    type Item = U;

    const NAME: &'static str = <MayFail as Outcome<Result<U, Halt>>>::NAME;
    const UNORDERED: &'static str = <MayFail as Outcome<Result<U, Halt>>>::UNORDERED;

    fn result(&mut self, output: O) -> Result<U, Halt> {
        (self.0)(Made(output))
    }
}

impl<R> Failing for Ruled<R> {}

impl<R> fmt::Debug for Ruled<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ruled")
    }
}

/// Awaits a future for each item.
pub fn map_async<T, C, M, F, Fut>(
    pipeline: Pipeline<T, C, M>,
    most: NonZeroUsize,
    make: F,
) -> Mapped<Fut::Output, C, T, F, Fut, Infallible, M>
where
    F: FnMut(T) -> Fut,
    Fut: Future,
{
    pipeline.map_async(most, make)
}

/// Awaits a future for each item, in any order.
pub fn map_async_unordered<T, C, M, F, Fut>(
    pipeline: Pipeline<T, C, M>,
    most: NonZeroUsize,
    make: F,
) -> Mapped<Fut::Output, C, T, F, Fut, Infallible, M>
where
    F: FnMut(T) -> Fut,
    Fut: Future,
{
    pipeline.map_async_unordered(most, make)
}

/// Awaits a future for each item. `rule` turns its output into a `Result`.
pub fn try_map_async<T, U, C, M, F, Fut, R>(
    pipeline: Pipeline<T, C, M>,
    most: NonZeroUsize,
    make: F,
    rule: R,
) -> Mapped<U, C, T, F, Fut, Ruled<R>, M>
where
    F: FnMut(T) -> Fut,
    Fut: Future,
    R: FnMut(Made<Fut::Output>) -> Result<U, Halt>,
{
    pipeline.with_chain(|chain| MapAsync::new(chain, most, Order::Kept, Ruled(rule), make))
}

/// Like [`try_map_async`], in any order.
pub fn try_map_async_unordered<T, U, C, M, F, Fut, R>(
    pipeline: Pipeline<T, C, M>,
    most: NonZeroUsize,
    make: F,
    rule: R,
) -> Mapped<U, C, T, F, Fut, Ruled<R>, M>
where
    F: FnMut(T) -> Fut,
    Fut: Future,
    R: FnMut(Made<Fut::Output>) -> Result<U, Halt>,
{
    pipeline.with_chain(|chain| MapAsync::new(chain, most, Order::Free, Ruled(rule), make))
}

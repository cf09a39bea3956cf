//! The functions that add a `map_async` or a `try_map_async` to a pipeline.

use std::future::Future;
use std::num::NonZeroUsize;

use crate::error::Halt;
use crate::fit::Made;
use crate::interop::map_async::methods::Mapped;
use crate::interop::map_async::{Infallible, MapAsync, Order, Ruled};
use crate::pipeline::Pipeline;

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
) -> Mapped<U, C, T, F, Fut, Ruled<impl FnMut(Fut::Output) -> Result<U, Halt>>, M>
where
    F: FnMut(T) -> Fut,
    Fut: Future,
    R: FnMut(Made<Fut::Output>) -> Result<U, Halt>,
{
    pipeline.with_chain(|chain| MapAsync::new(chain, most, Order::Kept, of_output(rule), make))
}

/// Like [`try_map_async`], in any order.
pub fn try_map_async_unordered<T, U, C, M, F, Fut, R>(
    pipeline: Pipeline<T, C, M>,
    most: NonZeroUsize,
    make: F,
    rule: R,
) -> Mapped<U, C, T, F, Fut, Ruled<impl FnMut(Fut::Output) -> Result<U, Halt>>, M>
where
    F: FnMut(T) -> Fut,
    Fut: Future,
    R: FnMut(Made<Fut::Output>) -> Result<U, Halt>,
{
    pipeline.with_chain(|chain| MapAsync::new(chain, most, Order::Free, of_output(rule), make))
}

fn of_output<R, V>(mut rule: impl FnMut(Made<R>) -> V) -> Ruled<impl FnMut(R) -> V> {
    Ruled(move |output| rule(Made(output)))
}

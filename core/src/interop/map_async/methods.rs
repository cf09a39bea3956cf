//! The methods of `Pipeline` that add a `map_async`, and those behind one.

use std::future::Future;
use std::num::NonZeroUsize;

use super::{Failing, Infallible, Judge, MapAsync, MayFail, NoPolicy, Order, Policies};
use crate::error::Halt;
use crate::pipeline::Pipeline;
use crate::policy::Policy;
use crate::policy::decider::Decider;

/// A pipeline that ends in a `map_async`.
pub(crate) type Mapped<U, C, T, F, Fut, O, M, J = NoPolicy> = Pipeline<U, MapAsync<C, T, F, Fut, O, M, J>, M>;

/// A pipeline that ends in a `try_map_async` with a policy.
type Policed<U, C, T, F, Fut, O, M, P> = Mapped<U, C, T, F, Fut, O, M, Policies<P>>;

impl<T, C, M> Pipeline<T, C, M> {
    /// Awaits a future for each item, at most `most` at the same time, and emits the outputs in the order of the items.
    /// Needs the feature `futures`.
    ///
    /// The futures are polled where the pipeline is, and need no executor of this crate:
    ///
    /// * In a [stream](Pipeline::into_stream) the task polls them. It is pending while they are, and never blocks.
    /// * In a [run](crate::Runnable::run), and in an iterator, the thread polls them, and parks while they are pending. So
    ///   run it on a thread that may block.
    ///
    /// Futures of a runtime, such as the timers and sockets of tokio, need that runtime: run the pipeline inside of its
    /// `spawn_blocking`, enter its handle, or spawn the stream as a task.
    ///
    /// While `most` futures run, the source is not advanced. The items of one advance of the source wait for their
    /// futures. A cancelled or failed run drops the futures; a future that is pending delays a cancellation by 20 ms at
    /// most. The time of the wait counts as time without items of the source.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// async fn fetch(id: u32) -> String {
    ///     format!("page {id}")
    /// }
    ///
    /// let pages = Pipeline::new("pages", from_iter(1..4)).map_async(const { size(8) }, fetch);
    /// assert_eq!(pages.end(Collect::new()).run()?.output, ["page 1", "page 2", "page 3"]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn map_async<F, Fut>(
        self,
        most: NonZeroUsize,
        f: F,
    ) -> Mapped<Fut::Output, C, T, F, Fut, Infallible, M>
    where
        F: FnMut(T) -> Fut,
        Fut: Future,
    {
        self.with_chain(|chain| MapAsync::new(chain, most, Order::Kept, Infallible, f))
    }

    /// Like [`map_async`](Pipeline::map_async), and emits each output as soon as its future is done.
    pub fn map_async_unordered<F, Fut>(
        self,
        most: NonZeroUsize,
        f: F,
    ) -> Mapped<Fut::Output, C, T, F, Fut, Infallible, M>
    where
        F: FnMut(T) -> Fut,
        Fut: Future,
    {
        self.with_chain(|chain| MapAsync::new(chain, most, Order::Free, Infallible, f))
    }

    /// Like [`map_async`](Pipeline::map_async), for futures that may fail. `?` in an `async` block turns any error into a
    /// [`Halt`]. Without a policy the first error ends the run.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use syncline_core::{Collect, Pipeline, from_iter, size, skip};
    /// let numbers = Pipeline::new("numbers", from_iter(["1", "two", "3"]))
    ///     .try_map_async(const { size(8) }, |text| async move { Ok(text.parse::<u64>()?) })
    ///     .on_error(skip(1));
    /// assert_eq!(numbers.end(Collect::new()).run()?.output, [1, 3]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn try_map_async<U, F, Fut>(self, most: NonZeroUsize, f: F) -> Mapped<U, C, T, F, Fut, MayFail, M>
    where
        F: FnMut(T) -> Fut,
        Fut: Future<Output = Result<U, Halt>>,
    {
        self.with_chain(|chain| MapAsync::new(chain, most, Order::Kept, MayFail, f))
    }

    /// Like [`try_map_async`](Pipeline::try_map_async), and emits each output as soon as its future is done.
    pub fn try_map_async_unordered<U, F, Fut>(
        self,
        most: NonZeroUsize,
        f: F,
    ) -> Mapped<U, C, T, F, Fut, MayFail, M>
    where
        F: FnMut(T) -> Fut,
        Fut: Future<Output = Result<U, Halt>>,
    {
        self.with_chain(|chain| MapAsync::new(chain, most, Order::Free, MayFail, f))
    }
}

impl<U, C, T, F, Fut: Future, O, M, J: Judge<T>> Mapped<U, C, T, F, Fut, O, M, J> {
    /// Names the futures' stage: in reports, errors, graphs and spans the name takes the place of the operator's.
    pub fn named(self, name: &'static str) -> Self {
        self.with_chain(|chain| MapAsync { label: Some(name), ..chain })
    }
}

impl<U, C, T, F, Fut: Future, O: Failing, M> Mapped<U, C, T, F, Fut, O, M> {
    /// Sets the policy for items whose future fails. Without a policy the run fails.
    ///
    /// It decides in the order in which the outputs are emitted. An item to [`retry`](crate::retry) keeps its place, and its
    /// delay does not block: other futures go on.
    pub fn on_error<P: Policy<T>>(self, policy: P) -> Policed<U, C, T, F, Fut, O, M, P> {
        self.with_chain(|chain| chain.judged(|NoPolicy| Policies(Decider::new(policy))))
    }
}

impl<U, C, T, F, Fut: Future, O: Failing, M, P: Policy<T>> Policed<U, C, T, F, Fut, O, M, P> {
    /// Adds a policy for errors that the earlier policies do not handle.
    pub fn on_error<Q: Policy<T>>(self, policy: Q) -> Policed<U, C, T, F, Fut, O, M, (P, Q)> {
        self.with_chain(|chain| {
            chain.judged(|Policies(before)| Policies(Decider::new((before.policy, policy))))
        })
    }
}

//! The methods of pipelines that add a parallel stage.

use std::hash::Hash;
use std::num::NonZeroUsize;

use super::{Fallible, FallibleWith, InOrder, Keyed, Parallel, Plain, PlainWith};
use crate::error::{Failure, Halt};
use crate::pipeline::{Chain, Pipeline, Then, Threaded};
use crate::report::Meter;

/// A pipeline with a parallel stage, which emits `U`.
type OnThreads<C, F, T, U, M, S = (), D = InOrder> =
    Pipeline<U, Then<C, Parallel<F, T, U, S, D>, M, Threaded>, M>;

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Converts each item on `workers` threads. The order is kept, and at most `workers + capacity` items are held.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// let squares = Pipeline::new("squares", from_iter(0..4)).map_parallel(const { size(2) }, 64, |n: u64| n * n);
    /// assert_eq!(squares.end(Collect::new()).run()?.output, [0, 1, 4, 9]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn map_parallel<U, F>(
        self,
        workers: NonZeroUsize,
        capacity: usize,
        work: F,
    ) -> OnThreads<C, Plain<F>, T, U, M>
    where
        F: Fn(T) -> U + Send + Sync,
        T: Send,
        U: Send,
    {
        self.then_threaded(Parallel::new(workers, capacity, Plain(work)))
    }

    /// Like [`map_parallel`](Pipeline::map_parallel), with work that may fail. An error ends the run, unless a
    /// [policy](Pipeline::on_error) handles it. The policy decides in the order of the items; items to
    /// [`retry`](crate::retry) go back to the threads at once.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size, skip};
    /// let numbers = Pipeline::new("numbers", from_iter(["1", "two", "3"]))
    ///     .try_map_parallel(const { size(2) }, 64, |text| Ok(text.parse::<u64>()?))
    ///     .on_error(skip(10));
    /// assert_eq!(numbers.end(Collect::new()).run()?.output, [1, 3]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn try_map_parallel<U, F>(
        self,
        workers: NonZeroUsize,
        capacity: usize,
        work: F,
    ) -> OnThreads<C, Fallible<F>, T, U, M>
    where
        F: Fn(T) -> Result<U, Halt> + Send + Sync,
        T: Send,
        U: Send,
    {
        self.then_threaded(Parallel::new(workers, capacity, Fallible(work)))
    }

    /// Like [`map_parallel`](Pipeline::map_parallel), with a state for each worker, such as a connection or a cache.
    ///
    /// `init` creates the state on the worker's thread, before the worker's first item, and `work` gets it with each
    /// item. A worker without an item creates none. If `init` fails, the run fails at the item that needed the state,
    /// without a call of a policy. If `work` panics, the run panics.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// let lengths = Pipeline::new("lengths", from_iter(["7", "1234"])).map_parallel_with(
    ///     const { size(2) },
    ///     64,
    ///     || Ok(String::new()), // a buffer for each worker
    ///     |buffer, text: &str| {
    ///         buffer.clear();
    ///         buffer.push_str(text);
    ///         buffer.len()
    ///     },
    /// );
    /// assert_eq!(lengths.end(Collect::new()).run()?.output, [1, 4]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn map_parallel_with<S, U, I, F>(
        self,
        workers: NonZeroUsize,
        capacity: usize,
        init: I,
        work: F,
    ) -> OnThreads<C, PlainWith<I, F>, T, U, M, S>
    where
        I: Fn() -> Result<S, Failure> + Send + Sync,
        F: Fn(&mut S, T) -> U + Send + Sync,
        T: Send,
        U: Send,
    {
        self.then_threaded(Parallel::new(workers, capacity, PlainWith(init, work)))
    }

    /// Like [`map_parallel_with`](Pipeline::map_parallel_with), with work that may fail, as in
    /// [`try_map_parallel`](Pipeline::try_map_parallel). The state is kept after an error.
    pub fn try_map_parallel_with<S, U, I, F>(
        self,
        workers: NonZeroUsize,
        capacity: usize,
        init: I,
        work: F,
    ) -> OnThreads<C, FallibleWith<I, F>, T, U, M, S>
    where
        I: Fn() -> Result<S, Failure> + Send + Sync,
        F: Fn(&mut S, T) -> Result<U, Halt> + Send + Sync,
        T: Send,
        U: Send,
    {
        self.then_threaded(Parallel::new(workers, capacity, FallibleWith(init, work)))
    }
}

impl<T, U, C, F, S, M> Pipeline<U, Then<C, Parallel<F, T, U, S>, M, Threaded>, M> {
    /// Lets one worker of the preceding parallel stage process all items with the same key, one after the other and in
    /// order. Items with different keys are processed at the same time.
    ///
    /// * The worker of a key is chosen by the key's hash, anew for each run. A worker takes the earliest of its items
    ///   whose key is free.
    /// * Results are emitted in the order of the items, as without keys. So a slow item delays the results behind it,
    ///   and once `workers + capacity` items are held, no item is taken until the first is done. With a larger
    ///   `capacity` other keys continue for longer.
    /// * Many items in a row with the same key keep one worker busy and leave the others idle.
    /// * With a [policy](Pipeline::on_error): while a failed item waits for a retry or for a decision, the later items
    ///   with its key wait. Items with other keys continue.
    ///
    /// `key_of` is called on the run's thread, once for each item.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// let rows = [("a", 1), ("b", 2), ("a", 3)];
    /// let saved = Pipeline::new("save", from_iter(rows))
    ///     .map_parallel(const { size(2) }, 64, |(id, n)| format!("{id}{n}"))
    ///     .by_key(|(id, _)| *id);
    /// assert_eq!(saved.end(Collect::new()).run()?.output, ["a1", "b2", "a3"]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn by_key<K, G>(self, key_of: G) -> OnThreads<C, F, T, U, M, S, Keyed<G, K>>
    where
        K: Hash,
        G: FnMut(&T) -> K,
    {
        self.with_chain(|chain| chain.with_stage(|stage| stage.by_key(key_of)))
    }
}

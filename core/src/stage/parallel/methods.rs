//! The methods of pipelines that add a parallel stage.

use std::hash::Hash;
use std::num::NonZeroUsize;

use super::{Fallible, FallibleWith, InOrder, Keyed, Parallel, Plain, PlainWith};
use crate::error::{Failure, Halt};
use crate::pipeline::{Chain, Pipeline, Then, Threaded};
use crate::report::Meter;

/// A pipeline and a parallel stage, which hands on `U`.
type OnThreads<C, F, T, U, M, S = (), D = InOrder> =
    Pipeline<U, Then<C, Parallel<F, T, U, S, D>, M, Threaded>, M>;

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Makes one item out of each on `workers` threads. Order is kept, and at most `workers + capacity` items are held.
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

    /// As [`map_parallel`](Pipeline::map_parallel), with work that may fail. An error ends the run, unless a
    /// [policy](Pipeline::on_error) says otherwise. That decides in the order of the items; what [`retry`](crate::retry)
    /// tries again is tried on the threads, side by side.
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

    /// As [`map_parallel`](Pipeline::map_parallel), with a state for each worker, such as a connection or a cache.
    ///
    /// `init` makes the state on the worker's thread, before the worker's first item, and `work` gets it with each item. A
    /// worker that never gets an item makes none. If `init` fails, the run fails at the item that needed the state, and no
    /// policy is asked. If `work` panics, the run panics.
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

    /// As [`map_parallel_with`](Pipeline::map_parallel_with), with work that may fail, as in
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
    /// Gives the items with one key to one worker of the parallel stage in front, one after the other and in order. Items
    /// with different keys are worked at side by side.
    ///
    /// * The worker of a key is chosen by the key's hash, anew for each run. A worker takes the earliest of its items
    ///   whose key is free.
    /// * Results are handed on in the order of the items, as without keys. So a slow item delays the results behind it,
    ///   and once `workers + capacity` items are held, no item is taken until the first is done. With a larger `capacity`
    ///   other keys go on for longer.
    /// * Many items in a row with one key keep one worker busy, and the others idle.
    /// * With a [policy](Pipeline::on_error): while an item that failed rests, is tried again or waits for its decision,
    ///   the later items with its key wait. Those with other keys go on.
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

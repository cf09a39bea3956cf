//! A pipeline: built from its source on, ended by a sink, then run.

mod as_source;
mod into_iter;
#[cfg(feature = "futures")]
mod into_stream;

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::chain::{Boxed, Chain, Head, Then};
use crate::commit::Commit;
use crate::error::Halt;
use crate::gauge::{Meter, Metered, Unmetered};
use crate::graph::Graph;
use crate::keep::{Cloned, Keep};
use crate::merge::{Merge, MergeBy, merge, merge_by};
use crate::policy::Policy;
use crate::route::{Route, route};
use crate::run::Runnable;
use crate::sink::Sink;
use crate::source::Source;
use crate::stage::{
    Buffer, BufferBy, BufferWeighed, BufferWithin, Chunk, Dedup, Fallible, Filter, FilterMap, FlatMapWith,
    Inspect, Lookup, Map, OnError, Parallel, Plain, Scan, Skip, Stage, Take, TakeWhile, Tee, TryMap,
    Unbuffer,
};

pub use into_iter::IntoIter;
#[cfg(feature = "futures")]
pub use into_stream::IntoStream;

/// A source and the stages behind it so far. `T` is what leaves the last of them.
///
/// ```
/// use syncline_core::{Pipeline, for_each, from_iter, size};
///
/// let outcome = Pipeline::new("lengths", from_iter(["a", "bc", "", "def"]))
///     .map(str::len)
///     .filter(|length| *length > 0)
///     .buffer(const { size(2) })
///     .end(for_each(|chunk: Vec<usize>| {
///         assert!(chunk.len() <= 2);
///         Ok(())
///     }))
///     .run()?;
/// println!("{}", outcome.report);
/// # Ok::<(), syncline_core::Error>(())
/// ```
///
/// The methods carry no bound on what came before, so that a stage that does not fit is one error, at that stage.
#[must_use = "a pipeline does nothing until it is ended and run"]
pub struct Pipeline<T, C, M = Metered> {
    name: String,
    chain: C,
    types: PhantomData<(fn() -> T, M)>,
}

/// A pipeline and one more stage, which hands on `U`.
pub(crate) type Piped<U, C, S, M> = Pipeline<U, Then<C, S, M>, M>;

/// Pipelines of whatever make, as sources of one type.
type Alike<'a, T, M> = Pipeline<T, Boxed<'a, T>, M>;

/// A pipeline that begins with several sources.
type Merged<T, S, M> = Pipeline<T, Head<S, M>, M>;

/// What a `lookup` makes of a chunk `T` and answers `R`.
pub(crate) type Enriched<T, R> = Vec<(<T as Chunk>::Item, <R as IntoIterator>::Item)>;

impl<S: Source> Pipeline<S::Item, Head<S, Metered>> {
    /// A pipeline that begins with `source`. `name` stands in its report and its errors.
    pub fn new(name: impl Into<String>, source: S) -> Self {
        Self { name: name.into(), chain: Head::new(source), types: PhantomData }
    }
}

impl<S: Source> Pipeline<S::Item, Head<S, Unmetered>, Unmetered> {
    /// As [`new`](Pipeline::new), but nothing is counted or timed.
    pub fn unmetered(name: impl Into<String>, source: S) -> Self {
        Self { name: name.into(), chain: Head::new(source), types: PhantomData }
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    pub(crate) fn then<U, S>(self, stage: S) -> Piped<U, C, S, M> {
        Pipeline { name: self.name, chain: Then::new(self.chain, stage), types: PhantomData }
    }

    pub(crate) fn ended<K>(self, sink: K) -> Runnable<C, K, M> {
        Runnable::new(self.name, self.chain, sink)
    }

    /// Adds a stage of one's own.
    pub fn pipe<S: Stage<In = T>>(self, stage: S) -> Piped<S::Out, C, S, M> {
        self.then(stage)
    }

    /// Makes one item out of each.
    ///
    /// What `f` makes may be left open, as `into` leaves it, where what stands behind says what it takes; not where the next
    /// closure asks something of it: that needs `map(|n| u64::from(n))`, or names the type itself, `map(|n: u64| n.pow(2))`.
    pub fn map<U, F: FnMut(T) -> U>(self, f: F) -> Piped<U, C, Map<F, T, U>, M> {
        self.then(Map::new(f))
    }

    /// Makes one item out of each, or fails at it: `?` makes a [`Halt`] of any error. What becomes of an item that failed
    /// is for a [policy](Pipeline::on_error) to say; without one the run fails.
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

    /// Lets through the items that pass `f`. The others count as filtered.
    pub fn filter<F: FnMut(&T) -> bool>(self, f: F) -> Piped<T, C, Filter<F, T, bool>, M> {
        self.then(Filter::new(f))
    }

    /// Makes one item or none out of each. `None` counts as filtered.
    pub fn filter_map<U, F: FnMut(T) -> Option<U>>(self, f: F) -> Piped<U, C, FilterMap<F, T, U>, M> {
        self.then(FilterMap::new(f))
    }

    /// Makes any number of items out of each: those of the iterator that `f` returns, one by one.
    pub fn flat_map<U: IntoIterator, F: FnMut(T) -> U>(
        self,
        f: F,
    ) -> Piped<U::Item, C, FlatMapWith<F, T, U>, M> {
        self.then(FlatMapWith::new(f))
    }

    /// Shows each item to `f` on its way. Behind a buffer that is each chunk: a place for progress.
    pub fn inspect<U, F: FnMut(&T) -> U>(self, f: F) -> Piped<T, C, Inspect<F, T, U>, M> {
        self.then(Inspect::new(f))
    }

    /// Lets through the first `count` items, then ends the stream.
    pub fn take(self, count: usize) -> Piped<T, C, Take<T>, M> {
        self.then(Take::new(count))
    }

    /// Lets items through until one does not pass `f`, then ends the stream.
    pub fn take_while<F: FnMut(&T) -> bool>(self, f: F) -> Piped<T, C, TakeWhile<F, T>, M> {
        self.then(TakeWhile::new(f))
    }

    /// Lets through all but the first `count` items, which count as filtered.
    pub fn skip(self, count: usize) -> Piped<T, C, Skip<T>, M> {
        self.then(Skip::new(count))
    }

    /// Makes one item out of each and a state that goes along, `state` at first.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let totals = Pipeline::new("totals", from_iter([3, 4, 5])).scan(0, |total, n| {
    ///     *total += n;
    ///     *total
    /// });
    /// assert_eq!(totals.end(Collect::new()).run()?.output, [3, 7, 12]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn scan<A, U, F: FnMut(&mut A, T) -> U>(self, state: A, f: F) -> Piped<U, C, Scan<A, F, T, U>, M> {
        self.then(Scan::new(state, f))
    }

    /// Lets through the first of neighbours with the same key. The others count as filtered.
    pub fn dedup<K: PartialEq, F: FnMut(&T) -> K>(self, key_of: F) -> Piped<T, C, Dedup<F, K, T>, M> {
        self.then(Dedup::new(key_of))
    }

    /// Gives a copy of each item to a second sink too, which is finished before the pipeline's own.
    pub fn tee<K: Sink<In = T>>(self, sink: K) -> Piped<T, C, Tee<K>, M>
    where
        T: Clone,
    {
        self.tee_by(sink, Cloned)
    }

    /// As [`tee`](Pipeline::tee), with copies that are made as `copies` does.
    pub(crate) fn tee_by<K: Sink<In = T>, D: Keep<T>>(self, sink: K, copies: D) -> Piped<T, C, Tee<K, D>, M> {
        self.then(Tee::new(sink, copies))
    }

    /// Enriches chunks by one query for each: `query` answers once for every item of a chunk, in order, and each is
    /// handed on beside its answer.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// let lengths = Pipeline::new("lengths", from_iter(["a", "bcd"]))
    ///     .buffer(const { size(500) })
    ///     .lookup(|chunk| Ok(chunk.iter().map(|word| word.len()).collect::<Vec<_>>()));
    /// assert_eq!(lengths.end(Collect::new()).run()?.output, [[("a", 1), ("bcd", 3)]]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn lookup<R, F>(self, query: F) -> Piped<Enriched<T, R>, C, Lookup<F, T, R>, M>
    where
        T: Chunk,
        R: IntoIterator,
        F: FnMut(&[T::Item]) -> Result<R, Halt>,
    {
        self.then(Lookup::new(query))
    }

    /// Adds the stages of a part that several pipelines have in common: of a `pipeline!` without source and sink, or of a
    /// function of one's own. They are stages of the whole, with rows in its report.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let squares = Pipeline::new("squares", from_iter(0..4)).through(|numbers| numbers.map(|n| n * n));
    /// assert_eq!(squares.end(Collect::new()).run()?.output, [0, 1, 4, 9]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn through<U, D>(self, part: impl FnOnce(Self) -> Pipeline<U, D, M>) -> Pipeline<U, D, M> {
        part(self)
    }

    /// As `buffer`, without the pointer: for parts, which do not know how long what comes before them lives.
    #[doc(hidden)]
    pub fn gather(self, size: NonZeroUsize) -> Piped<Vec<T>, C, Buffer<T>, M> {
        self.then(Buffer::new(size))
    }

    #[doc(hidden)]
    pub fn gather_by<K: PartialEq, F: FnMut(&T) -> K>(
        self,
        size: NonZeroUsize,
        key_of: F,
    ) -> Piped<Vec<T>, C, BufferBy<T, K, F>, M> {
        self.then(BufferBy::new(size, key_of))
    }

    #[doc(hidden)]
    pub fn gather_weighed<F: FnMut(&T) -> usize>(
        self,
        size: NonZeroUsize,
        limit: NonZeroUsize,
        weigh: F,
    ) -> Piped<Vec<T>, C, BufferWeighed<T, F>, M> {
        self.then(BufferWeighed::new(size, limit, weigh))
    }

    #[doc(hidden)]
    pub fn gather_within(self, size: NonZeroUsize, within: Duration) -> Piped<Vec<T>, C, BufferWithin<T>, M> {
        self.then(BufferWithin::new(size, within))
    }

    /// Takes chunks apart.
    pub fn unbuffer(self) -> Piped<T::Item, C, Unbuffer<T>, M>
    where
        T: IntoIterator,
    {
        self.then(Unbuffer::new())
    }
}

impl<T, C, S: Stage<Out = T>, M> Pipeline<T, Then<C, S, M>, M> {
    /// Says what becomes of the items that the last stage fails at. Without a policy the run fails.
    ///
    /// A failed item is not handed on, nor is anything that the stage made of it. Policies may follow each other: what
    /// one would fail the run for, the next decides. A `buffer` cannot fail and takes none. A parallel stage takes one:
    /// several are given to it as a pair, `on_error((first, second))`, which goes for any stage.
    ///
    /// ```
    /// # use syncline_core::{Collect, Halt, Pipeline, Transform, from_iter, skip};
    /// # struct Parse;
    /// # impl Transform for Parse {
    /// #     type In = &'static str;
    /// #     type Out = i64;
    /// #     fn transform(&mut self, line: &'static str) -> Result<Option<i64>, Halt> { Ok(Some(line.parse()?)) }
    /// # }
    /// let numbers = Pipeline::new("numbers", from_iter(["1", "two", "3"])).pipe(Parse).on_error(skip(10));
    /// let outcome = numbers.end(Collect::new()).run()?;
    /// assert_eq!(outcome.output, [1, 3]);
    /// assert_eq!(outcome.report.stage("Parse").unwrap().skipped(), 1);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn on_error<P: Policy<S::In>>(self, policy: P) -> Piped<T, C, OnError<S, P>, M> {
        Pipeline {
            name: self.name,
            chain: self.chain.with_stage(|stage| OnError::new(stage, policy)),
            types: PhantomData,
        }
    }
}

impl<T, C, K: Sink, D, M> Pipeline<T, Then<C, Tee<K, D>, M>, M> {
    /// Has the sink of the [`tee`](Pipeline::tee) before it commit whenever the pipeline's own
    /// [does](Runnable::commit_every), right before it: the copy of an item is durable once what came behind the item is.
    /// `pipeline!` does so by itself where the sink has `commit every(n)`.
    ///
    /// ```
    /// # use syncline_core::{Commit, Failure, Pipeline, Sink, from_iter, size};
    /// # fn copied<K: Commit<In = u32>, L: Commit<In = u32>>(table: K, journal: L) -> Result<(), syncline_core::Error> {
    /// let numbers = Pipeline::new("numbers", from_iter(0..100)).tee(journal).committing();
    /// numbers.end(table).commit_every(const { size(10) }).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn committing(self) -> Self
    where
        K: Commit,
    {
        Self { name: self.name, chain: self.chain.with_stage(Tee::committing), types: PhantomData }
    }
}

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Gathers items into chunks of `size`, the last one excepted.
    ///
    /// What came before is put behind a pointer here, as in the two methods below: a call a chunk, and the types of
    /// long pipelines stay short.
    pub fn buffer<'a>(self, size: NonZeroUsize) -> Pipeline<Vec<T>, Boxed<'a, Vec<T>>, M>
    where
        Self: 'a,
    {
        self.then(Buffer::new(size)).boxed()
    }

    /// Gathers items into chunks of at most `size` that share a key: a chunk is closed when the key changes.
    pub fn buffer_by<'a, K, F>(self, size: NonZeroUsize, key_of: F) -> Pipeline<Vec<T>, Boxed<'a, Vec<T>>, M>
    where
        Self: 'a,
        K: PartialEq + 'a,
        F: FnMut(&T) -> K + 'a,
    {
        self.then(BufferBy::new(size, key_of)).boxed()
    }

    /// Gathers items into chunks of at most `size` that are closed once they weigh `limit` or more, by `weigh`: bytes,
    /// say, so that a chunk of large items does not take the memory of `size` of them.
    pub fn buffer_weighed<'a, F>(
        self,
        size: NonZeroUsize,
        limit: NonZeroUsize,
        weigh: F,
    ) -> Pipeline<Vec<T>, Boxed<'a, Vec<T>>, M>
    where
        Self: 'a,
        F: FnMut(&T) -> usize + 'a,
    {
        self.then(BufferWeighed::new(size, limit, weigh)).boxed()
    }

    /// Gathers items into chunks of at most `size` that are closed once the first of their items has waited for `within`.
    /// None is empty.
    pub fn buffer_within<'a>(
        self,
        size: NonZeroUsize,
        within: Duration,
    ) -> Pipeline<Vec<T>, Boxed<'a, Vec<T>>, M>
    where
        Self: 'a,
    {
        self.then(BufferWithin::new(size, within)).boxed()
    }

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
    ) -> Piped<U, C, Parallel<Plain<F>, T, U>, M>
    where
        F: Fn(T) -> U + Send + Sync,
        T: Send,
        U: Send,
    {
        self.then(Parallel::new(workers, capacity, Plain(work)))
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
    ) -> Piped<U, C, Parallel<Fallible<F>, T, U>, M>
    where
        F: Fn(T) -> Result<U, Halt> + Send + Sync,
        T: Send,
        U: Send,
    {
        self.then(Parallel::new(workers, capacity, Fallible(work)))
    }

    /// Forgets the types of what came before, so that pipelines of different make have one type.
    ///
    /// Each item costs an indirect call from here on, so it goes best where items are chunks.
    pub fn boxed<'a>(self) -> Pipeline<T, Boxed<'a, T>, M>
    where
        Self: 'a,
    {
        Pipeline { name: self.name, chain: Boxed::new(self.chain), types: PhantomData }
    }

    /// Takes from `other` too, in turns, as [`merge`] does. In a `pipeline!` that function is the source.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let evens = Pipeline::new("evens", from_iter(0..3)).map(|n| 2 * n);
    /// let all = evens.merge(from_iter([7, 9])).end(Collect::new()).run()?.output;
    /// assert_eq!(all.iter().sum::<i32>(), 22);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn merge<'a, S: Source<Item = T> + 'a>(self, other: S) -> Merged<T, Merge<Alike<'a, T, M>>, M>
    where
        Self: 'a,
        M: 'a,
    {
        let name = self.name.clone();
        Pipeline { name, chain: Head::new(merge(self.beside(other))), types: PhantomData }
    }

    /// Takes from `other` too, in the order of their keys, as [`merge_by`] does: both must be sorted by them.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter};
    /// let evens = Pipeline::new("evens", from_iter(0..3)).map(|n| 2 * n);
    /// assert_eq!(evens.merge_by(from_iter([1, 3]), |n| *n).end(Collect::new()).run()?.output, [0, 1, 2, 3, 4]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn merge_by<'a, S, K, F>(self, other: S, key_of: F) -> Merged<T, MergeBy<Alike<'a, T, M>, K, F>, M>
    where
        Self: 'a,
        M: 'a,
        S: Source<Item = T> + 'a,
        K: Ord,
        F: FnMut(&T) -> K,
    {
        let name = self.name.clone();
        Pipeline { name, chain: Head::new(merge_by(self.beside(other), key_of)), types: PhantomData }
    }

    /// This one and `other`, as sources of one type.
    fn beside<'a, S: Source<Item = T> + 'a>(self, other: S) -> [Alike<'a, T, M>; 2]
    where
        Self: 'a,
        M: 'a,
    {
        let other =
            Pipeline { name: other.name().into(), chain: Head::<S, M>::new(other), types: PhantomData };
        [self.boxed(), other.boxed()]
    }

    /// Ends it in the one of `sinks` that `by` names for each item, by its place, as [`route`] does.
    pub fn route<K, F>(self, sinks: impl IntoIterator<Item = K>, by: F) -> Runnable<C, Route<K, F>, M>
    where
        K: Sink<In = T>,
        F: FnMut(&T) -> usize,
    {
        self.end(route(sinks, by))
    }

    /// What it is made of so far.
    #[must_use]
    pub fn graph(&self) -> Graph {
        let mut nodes = Vec::new();
        self.chain.draw(&mut nodes);
        Graph::of(&self.name, nodes)
    }

    /// Ends the pipeline: it can be run now.
    pub fn end<K: Sink<In = T>>(self, sink: K) -> Runnable<C, K, M> {
        self.ended(sink)
    }
}

impl<T, C, M> fmt::Debug for Pipeline<T, C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").field("name", &self.name).finish_non_exhaustive()
    }
}

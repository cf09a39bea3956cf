//! The stream runtime of syncline: typed sources, stages and sinks, chained in constant memory.
//!
//! A [`Source`] is advanced one chunk at a time and pushes its items into a chain of [`Stage`]s that ends in a
//! [`Sink`]. Within a chunk every call is static, so the compiler can inline it. A pipeline can be
//! [boxed](Pipeline::boxed) if it is long or needs a short type: `pipeline!` boxes at each `buffer`.
//!
//! ```
//! use syncline_core::{Collect, Pipeline, from_iter, size};
//!
//! let outcome = Pipeline::new("squares", from_iter(1..=10_u64))
//!     .filter(|n| n % 2 == 0)
//!     .map(|n| n * n)
//!     .buffer(const { size(2) })
//!     .end(Collect::new())
//!     .run()?;
//!
//! assert_eq!(outcome.output, [vec![4, 16], vec![36, 64], vec![100]]);
//! assert_eq!(outcome.report.stage("filter").unwrap().filtered(), 5);
//! # Ok::<(), syncline_core::Error>(())
//! ```
//!
//! # Push or pull
//!
//! Items are pushed: a stage calls [`Emit::emit`] for each item that it emits, so it needs no state machine to resume
//! from. The features of a pull design (an early stop, a merge, an iterator) come from the driver: the driver
//! *advances* the source, and later stages return [`Halt::Stop`] when they need no more items.
//!
//! # How an item travels
//!
//! A **source is advanced**: it emits up to about a chunk of items and returns its progress. **Each item is pushed**
//! from stage to stage by static calls, which the compiler inlines; a stage emits none, one or many items. Between
//! chunks the driver has its turn. A pipeline can be **boxed** at any point, best behind a buffer: that costs one
//! dynamic call for each chunk and shortens the types of long pipelines. A pipeline without a box, or with
//! [`boxed_send`](Pipeline::boxed_send), is `Send` if its parts are.
//!
//! A stage or sink that needs no more items returns `Halt::Stop`, which travels back to the source and is not an error.
//! At the end, and after a stop, each stage is **finished**, from the first to the last, and emits its held items.
//! `Sink::finish` takes the sink by value and comes last, only after success. After a failure nothing is finished, and
//! a sink that is dropped commits nothing.
//!
//! Between two chunks of its source, and while the source is idle, each stage gets a **tick**, which travels like an
//! item: a buffer with a time limit emits its items. A **cancelled** run ends there as well, and nothing of it is
//! finished.
//!
//! A **policy** for errors wraps its stage: the items that the stage emits for one item are held until the stage is
//! done with it. So nothing of a failed item is emitted, and an error of a later stage is never taken for the stage's
//! own. A sink that **commits** during the run does so right after the item that makes a commit due, while the stages
//! before it are in the middle of their work. Work that these must make durable first is registered as a hook
//! ([`CommitHooks`]), at no cost for an item.
//!
//! A **parallel** stage gets the run's threads before the run. They live in a scope around the run, are stopped at its
//! end in any case, and send results to the one thread on which everything else happens. It holds a declared number of
//! items. Without a run (in an iterator, or in the source of another pipeline) it works on the caller's thread. Its
//! policy decides on the run's thread, in the order of the items, so the threads do not affect its decisions. Only
//! delays overlap: an item to `retry` goes back to the workers.
//!
//! # How to observe a run
//!
//! A run returns a [`Report`] and calls an [`Observer`]; a pipeline has a [`Graph`]. For the crate `tracing` a run is a
//! span `pipeline` with its `name`, at level `INFO` with target `syncline`. Events of the stages are inside that span,
//! also on the threads of a parallel stage. Within it there is a span `stage` at level `DEBUG` for each stage, open as
//! long as the run, with the counts and times of its row of the report, and at the end one event at level `DEBUG`.
//! There is no cost for an item or a chunk. Iterators and streams of pipelines have the same spans.
//!
//! # Filter, failure and stop
//!
//! An item that a stage filters out counts as [filtered](StageReport::filtered), and nothing else happens. A stage that
//! *fails* returns [`Halt::Failed`], and the run ends in an [`Error`] that names the pipeline, the stage and the
//! record. A stage that *needs no more items* returns [`Halt::Stop`], and the run ends successfully.

pub mod channel;
mod emit;
mod error;
pub mod fit;
pub mod graph;
#[cfg(feature = "futures")]
mod interop;
mod pipeline;
pub mod policy;
pub mod report;
pub mod run;
pub mod sink;
pub mod source;
pub mod stage;
pub mod testing;

pub use channel::{FromChannel, Received, ReceivingEnd, SendingEnd, ToChannel, from_channel, to_channel};
pub use emit::Emit;
pub use emit::items::Items;
#[doc(hidden)]
pub use error::write_with_causes;
pub use error::{BoxError, Error, Failure, Halt};
pub use graph::{Amount, Graph, Node};
#[cfg(feature = "futures")]
pub use interop::{
    AsyncSink, AsyncSinkError, FromStream, FromTryStream, MapAsync, ToAsyncSink, WouldBlock, from_stream,
    from_try_stream, to_async_sink,
};
pub use pipeline::{
    Boxed, BoxedSend, Chain, Head, Named, OneThread, Pipeline, Then, Threaded, ThreadedOnError,
};
pub use policy::{
    Attempts, BoxedPolicy, ByKey, DeadLetter, Decision, Failed, KeyOf, Letter, OnError, OnErrorSplit, Policy,
    Retry, Shared, SinkOnError, SkipFailed, SplitOnError, by_key, dead_letter, dead_letter_by, retry, shared,
    skip,
};
pub use report::{Meter, Metered, Report, StageReport, Tally, Unmetered, plural};
#[cfg(feature = "futures")]
pub use run::IntoStream;
pub use run::{
    BoxedPipeline, BoxedRun, BoxedSendPipeline, BoxedSendRun, CancelToken, CommitEvery, CommitHooks,
    CommitOnce, Committing, IntoIter, Job, Observer, Outcome, RunContext, RunEnd, RunOptions, Runnable,
    RunningSteps, Step, Steps, TellProgress, tell_progress,
};
pub use sink::{
    BoxedCommit, BoxedSink, Cloned, Collect, CollectInto, Commit, CopyItem, Count, DiscardOutput, Fold,
    ForEach, Route, SideSink, Sink, Sum, Total, collect, collect_into, count, discard_output, fold, for_each,
    route, sum,
};
pub use source::{
    Chained, FromIter, FromResults, ItemOrError, Merge, MergeBy, Progress, ReadAhead, Source, chain,
    from_iter, from_results, merge, merge_by, read_ahead, read_ahead_weighed,
};
#[cfg(feature = "sort")]
pub use stage::Sort;
pub use stage::{
    Buffer, BufferBy, BufferWeighed, BufferWithin, Chunk, ChunkWhile, Chunking, Dedup, Dispatch, Distinct,
    DistinctLast, Fallible, FallibleWith, Filter, FilterMap, FlatMap, FlatMapWith, InOrder, Inspect, Joined,
    Keyed, Lookup, Map, MergeJoin, Parallel, ParallelOnError, Plain, PlainWith, Scan, Skip, Stage,
    StageFacts, Take, TakeWhile, Tee, Throttle, Timeout, Transform, TryMap, Unbuffer, When, Windows, Work,
    Yield, Zip, size,
};

/// Items for generated code alone.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "futures")]
    pub use crate::fit::futures;
    pub use crate::fit::split_or_whole::{InChunks, OneByOne, taken};
    pub use crate::fit::{
        CAPACITY, both_keys, checked, closure_of_chunk, closure_of_error, closure_of_item,
        closure_of_item_ref, closure_of_neighbours, closure_of_second, closure_of_thread, dead_letter,
        fit_items, fit_sink, fit_stage, fitted_sink, given, items_as, items_from, items_of, keyed, letters,
        map_parallel, map_parallel_with, on_threads, retry, sent, shared_closure_of_item,
        shared_closure_of_state, state_of, through_closure, try_map_parallel, try_map_parallel_with, when,
        with_output, with_second_sink,
    };
    pub use crate::fit::{away, functions, keys};
    pub use crate::graph::{DrawsNothing, DrawsPart, Part};
    pub use crate::report::Rows;
    pub use crate::run::RunContext;
    pub use crate::sink::copy_item::by;
}

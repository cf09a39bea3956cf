//! The stream runtime of syncline: typed sources, stages and sinks, chained in constant memory.
//!
//! A [`Source`] is advanced a chunk at a time and pushes its items into a chain of [`Stage`]s that ends in a [`Sink`].
//! Inside a chunk every hand-over is a static call that the compiler can inline. A pipeline can be
//! [boxed](Pipeline::boxed) where it is long or needs a short type: `pipeline!` does so at each `buffer`.
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
//! Items are pushed: a stage calls [`Emit::emit`] for what it makes, none, one or many, and needs no state machine to
//! resume from. What pull gives (stop early, merge, be an iterator) comes from the outside instead: a source is
//! *advanced* by whoever drives the pipeline, and hears from downstream when nobody wants more ([`Halt::Stop`]).
//!
//! # How an item travels
//!
//! A **source is advanced**: it emits up to about a chunk and says whether there is more. **Each item is pushed** from
//! stage to stage by static calls, which the compiler inlines; a stage hands on none, one or many. So the driver has
//! its turn between chunks, and stages need no state machine. A pipeline can be **boxed** at any
//! place, best behind a buffer: that is one indirect call a chunk, and the types of long pipelines stay short. A
//! pipeline that is not boxed, or by [`boxed_send`](Pipeline::boxed_send), can be sent to another thread if its parts can. A stage or sink that wants no more
//! returns `Halt::Stop`, which travels back to the source; it is no error. At the end, and after a stop, each stage is
//! asked to **finish**: it hands on what it holds, first stage first. `Sink::finish` takes the sink itself and comes
//! last, after a good run only. After a failure nothing is finished, and a sink that is dropped commits nothing.
//!
//! Between two chunks of its source, and while that is idle, each stage gets a **tick**, which travels as items do:
//! buffers that time closes hand on what has waited. A **cancelled** run ends there too, and nothing of it is
//! finished. A **policy** for errors wraps its stage: what the stage makes of one item is held until the stage is done
//! with it, so that nothing of a failed item is handed on, and an error of a later stage is never taken for its own. A
//! sink that **commits** on its way does so right after the item that makes it due, while the stages before it are at
//! work; what those have to make durable first they have shared with the run ([`CommitHooks`]), so that it costs an item
//! nothing. A stage that is **parallel** hears before the run where it may start threads; they live in a scope around the run,
//! are dismissed when it ends in whatever way, and send results back to the one thread on which everything else
//! happens. It holds a declared number of items, and where there is no run (an iterator, a source of another pipeline)
//! it does the work itself. Its policy decides on the run's thread, in the order of the items, so that threads change
//! nothing of what it decides. Waiting alone is done side by side: what `retry` tries again goes back to the workers.
//!
//! # What others can see of a run
//!
//! A run gives back a [`Report`], tells an [`Observer`] how far it is, and shows itself as a [`Graph`]. To the crate `tracing` it
//! is a span `pipeline` with its `name`, at level `INFO`, with target `syncline`; what stages log is logged inside it, on
//! the threads of a parallel stage too. In it is a span `stage` at level `DEBUG` for each, open as long as the run, with
//! the counts and times of its row of the report, and at the end one event at level `DEBUG`. Nothing is done for an item
//! or a chunk. A pipeline that is an iterator or a stream has no run, and so no spans.
//!
//! # Three ways in which an item can go missing
//!
//! An item that a stage filters out is counted as [filtered](StageReport::filtered) and nothing else happens. A stage
//! that *fails* returns [`Halt::Failed`], and the run ends in an [`Error`] that names pipeline, stage and record. A
//! stage that wants *no more* returns [`Halt::Stop`], and the run ends well.

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
pub use error::{BoxError, Error, Failure, Halt};
pub use graph::{Amount, Graph, Node};
#[cfg(feature = "futures")]
pub use interop::{
    AsyncSink, AsyncSinkError, FromStream, FromTryStream, ToAsyncSink, WouldBlock, from_stream,
    from_try_stream, to_async_sink,
};
pub use pipeline::{Boxed, BoxedSend, Chain, Head, OneThread, Pipeline, Then, Threaded, ThreadedOnError};
pub use policy::{
    BoxedPolicy, ByKey, DeadLetter, Decision, Failed, KeyOf, Letter, OnError, OnErrorSplit, Policy, Retry,
    Shared, SinkOnError, SkipFailed, SplitOnError, by_key, dead_letter, dead_letter_by, retry, shared, skip,
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
    BoxedCommit, BoxedSink, Cloned, Collect, Commit, CopyItem, ForEach, Route, Sink, for_each, route,
};
pub use source::{
    Chained, FromIter, FromResults, ItemOrError, Merge, MergeBy, Progress, ReadAhead, Source, chain,
    from_iter, from_results, merge, merge_by, read_ahead, read_ahead_weighed,
};
pub use stage::{
    Buffer, BufferBy, BufferWeighed, BufferWithin, Chunk, ChunkWhile, Chunking, Dedup, Dispatch, Fallible,
    FallibleWith, Filter, FilterMap, FlatMap, FlatMapWith, InOrder, Inspect, Keyed, Lookup, Map, Parallel,
    ParallelOnError, Plain, PlainWith, Scan, Skip, Stage, StageFacts, Take, TakeWhile, Tee, Transform,
    TryMap, Unbuffer, Windows, Work, Yield, size,
};

/// What only generated code may name.
#[doc(hidden)]
pub mod __private {
    pub use crate::fit::split_or_whole::{InChunks, OneByOne, taken};
    pub use crate::fit::{
        CAPACITY, checked, dead_letter, fit_items, fit_sink, fit_stage, fitted_sink, given, given_as, gives,
        handed_on, letters, map_parallel, of_chunk, of_error, of_item, of_item_at_once, of_item_ref,
        of_neighbours, on_threads, retry, sent, try_map_parallel, with_second_sink,
    };
    pub use crate::fit::{away, functions, keys};
    pub use crate::graph::{DrawsNothing, DrawsPart, Part};
    pub use crate::report::Rows;
    pub use crate::run::RunContext;
    pub use crate::sink::copy_item::by;
}

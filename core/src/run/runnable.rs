//! `Runnable`: a pipeline with its sink, and its run.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use crate::emit::Emit;
use crate::emit::items::Items;
use crate::error::{Error, Failure, Halt};
use crate::graph::Graph;
use crate::pipeline::chain::Chain;
use crate::policy::Policy;
use crate::policy::{SinkOnError, SplitOnError};
use crate::report::meter::{Counters, Meter, Metered};
use crate::report::{Rows, SinkRow};
use crate::run::after_commit::{CountCommitted, LastCommitted};
use crate::run::committing::{AddHook, CommitEvery, CommitOnce, Committing};
use crate::run::context::{RunContext, ScopedThreads};
use crate::run::driver::Driver;
use crate::run::outcome::Outcome;
use crate::run::trace::Spans;
use crate::run::{BoxedPipeline, BoxedSendPipeline, CancelToken, CommitHooks, Job, RunEnd, RunOptions};
use crate::sink::Commit;
use crate::sink::Sink;
use crate::sink::copy_item::{Cloned, CopyItem};

/// A pipeline with its sink.
#[must_use = "a pipeline does nothing until it is run"]
pub struct Runnable<C, K, M = Metered, Q = CommitOnce> {
    name: String,
    chain: C,
    sink: K,
    cancel: CancelToken,
    committing: Q,
    meter: PhantomData<M>,
}

impl<C, K, M> Runnable<C, K, M> {
    pub(crate) fn new(name: String, chain: C, sink: K) -> Self {
        let cancel = CancelToken::uncancellable();
        Self { name, chain, sink, cancel, committing: CommitOnce::new(), meter: PhantomData }
    }
}

impl<C, K, M, A> Runnable<C, K, M, CommitOnce<A>> {
    /// Lets the sink commit after every `every` of the items that it takes, such as chunks, instead of only at the end.
    /// Items since the last commit are not committed if the run fails or is cancelled.
    ///
    /// Just before each commit, letters of the sink's policies and of earlier stages' policies are committed, if their
    /// sinks are [committing](crate::DeadLetter::committing).
    pub fn commit_every(self, every: NonZeroUsize) -> Runnable<C, K, M, CommitEvery<A>>
    where
        K: Commit,
    {
        self.with_committing(|committing| committing.every(every))
    }
}

impl<C, K, M, Q> Runnable<C, K, M, Q> {
    /// Calls `hook` after each commit of the sink, with the number of items that the sink has taken since the commit
    /// before: for example to acknowledge received items. A chunk counts as one item.
    ///
    /// * A commit is one of [`commit_every`](Runnable::commit_every), or the end of the run, when the sink has
    ///   finished. A commit without items calls no hook.
    /// * The hook is never called for items that are not durable: not after a failed commit, and not for the open items
    ///   of a run that fails or is cancelled. An item at which the sink returns [`Halt::Stop`](crate::Halt::Stop) is
    ///   not counted, although some sinks take it. Items that a policy of the sink leaves out are counted.
    /// * If a hook fails, the run ends with an error of the stage `after_commit`. Committed items stay, so a peer
    ///   without an acknowledgement sends them again: an acknowledgement may be repeated, and is never premature.
    /// * Several hooks are called in the order of their declarations.
    ///
    /// The count is the number of durable source items if every stage emits one item for each item. If stages filter,
    /// multiply or collect items, use [`after_commit_of`](Runnable::after_commit_of).
    ///
    /// ```
    /// use std::cell::Cell;
    ///
    /// use syncline_core::testing::Probe;
    /// use syncline_core::{Pipeline, from_iter, size};
    ///
    /// let acknowledged = Cell::new(0);
    /// Pipeline::new("receive", from_iter(0..10))
    ///     .end(Probe::new())
    ///     .commit_every(const { size(4) })
    ///     .after_commit(|count| {
    ///         acknowledged.set(acknowledged.get() + count);
    ///         Ok(())
    ///     })
    ///     .run()?;
    /// assert_eq!(acknowledged.get(), 10);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn after_commit<F>(self, hook: F) -> Runnable<C, K, M, Q::Hooked>
    where
        F: FnMut(u64) -> Result<(), Failure>,
        Q: AddHook<CountCommitted<F>>,
    {
        self.with_committing(|committing| committing.add_hook(CountCommitted::new(hook)))
    }

    /// Like [`after_commit`](Runnable::after_commit), with the key of the last item that the sink has taken: for items
    /// with a position in the received data.
    ///
    /// `key_of` is called with each item before the sink takes it. One key is kept.
    ///
    /// ```
    /// use syncline_core::{Collect, Pipeline, from_iter, size};
    ///
    /// let mut acknowledged = None;
    /// let numbered = [(1, "a"), (2, "b"), (4, "d")];
    /// Pipeline::new("receive", from_iter(numbered))
    ///     .filter(|(_, text)| *text != "d")
    ///     .end(Collect::new())
    ///     .after_commit_of(
    ///         |(number, _)| *number,
    ///         |last| {
    ///             acknowledged = Some(last);
    ///             Ok(())
    ///         },
    ///     )
    ///     .run()?;
    /// assert_eq!(acknowledged, Some(2));
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn after_commit_of<A, G, F>(self, key_of: G, hook: F) -> Runnable<C, K, M, Q::Hooked>
    where
        K: Sink,
        G: FnMut(&K::In) -> A,
        F: FnMut(A) -> Result<(), Failure>,
        Q: AddHook<LastCommitted<G, A, F>>,
    {
        self.with_committing(|committing| committing.add_hook(LastCommitted::new(key_of, hook)))
    }

    fn with_committing<R>(self, replace: impl FnOnce(Q) -> R) -> Runnable<C, K, M, R> {
        let Self { name, chain, sink, cancel, committing, meter } = self;
        Runnable { name, chain, sink, cancel, committing: replace(committing), meter }
    }

    /// Sets the policy for items at which the sink fails. A chunk is one item. Without a policy the run fails.
    pub fn on_error<P: Policy<K::In>>(self, policy: P) -> Runnable<C, SinkOnError<K, P>, M, Q>
    where
        K: Sink,
    {
        self.with_sink(|sink| SinkOnError::new(sink, policy))
    }

    /// Like [`on_error`](Runnable::on_error), for a sink that takes chunks: a chunk at which it fails is split until
    /// the failing item is alone, and the policy gets that item. The others are written once each.
    ///
    /// The sink must have written nothing of a chunk at which it fails. Two policies are given as a pair here, not one
    /// after the other.
    pub fn on_error_split<T, P>(self, policy: P) -> Runnable<C, SplitOnError<K, P>, M, Q>
    where
        T: Clone,
        K: Sink<In = Vec<T>>,
        P: Policy<T>,
    {
        self.split_on_error(policy, Cloned)
    }

    /// Like [`on_error_split`](Runnable::on_error_split), with `copies` to copy the items.
    pub(crate) fn split_on_error<T, P, D>(
        self,
        policy: P,
        copies: D,
    ) -> Runnable<C, SplitOnError<K, P, D>, M, Q>
    where
        K: Sink<In = Vec<T>>,
        P: Policy<T>,
        D: CopyItem<T>,
    {
        self.with_sink(|sink| SplitOnError::new(sink, policy, copies))
    }

    pub(crate) fn with_sink<L>(self, replace: impl FnOnce(K) -> L) -> Runnable<C, L, M, Q> {
        let Self { name, chain, sink, cancel, committing, meter } = self;
        Runnable { name, chain, sink: replace(sink), cancel, committing, meter }
    }
}

impl<C: Chain, K: Sink<In = C::Item>, M: Meter, Q: Committing<K>> Runnable<C, K, M, Q> {
    /// Cancels or drains the run with `token`: see [`CancelToken`]. Of several tokens, given here or in [`RunOptions`],
    /// each does.
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.cancel = CancelToken::of(vec![self.cancel, token.clone()]);
        self
    }

    /// The pipeline's graph.
    #[must_use]
    pub fn graph(&self) -> Graph {
        let mut nodes = Vec::new();
        self.chain.draw(&mut nodes);
        nodes.push(self.committing.draw(self.sink.node()));
        Graph::of(&self.name, nodes)
    }

    /// Boxes the pipeline, so that different pipelines have one type: see [`BoxedPipeline`].
    pub fn boxed<'a>(self) -> BoxedPipeline<'a, K::Output>
    where
        Self: 'a,
    {
        Job::new(self.name.clone(), self.graph(), |options: RunOptions<'_>| self.run_with(options)).boxed()
    }

    /// Like [`boxed`](Runnable::boxed), but the pipeline can run on any thread: see [`BoxedSendPipeline`].
    pub fn boxed_send<'a>(self) -> BoxedSendPipeline<'a, K::Output>
    where
        Self: Send + 'a,
    {
        Job::new(self.name.clone(), self.graph(), |options: RunOptions<'_>| self.run_with(options))
            .boxed_send()
    }

    /// Runs the pipeline to its end on this thread. Only parallel stages use other threads.
    ///
    /// # Errors
    ///
    /// If a stage or the sink fails, or the run is cancelled. The sink is then dropped without being finished, so its
    /// work does not become durable. The error contains the report so far.
    pub fn run(self) -> Result<Outcome<K::Output>, Error> {
        self.run_with(RunOptions::new())
    }

    /// Like [`run`](Runnable::run), with `options`.
    ///
    /// # Errors
    ///
    /// As for [`run`](Runnable::run).
    pub fn run_with(self, options: RunOptions<'_>) -> Result<Outcome<K::Output>, Error> {
        let Self { name, mut chain, mut sink, cancel, mut committing, .. } = self;
        let RunOptions { cancel: other, mut observer } = options;
        let cancel = match other {
            Some(other) => CancelToken::of(vec![cancel, other]),
            None => cancel,
        };
        if let Some(observer) = &mut observer {
            observer.start(chain.reading().1);
        }
        let sink_name = sink.name();
        let spans = Spans::open(&name, &chain, sink_name);
        let entered = spans.run.enter();
        let mut driver = Driver::<M>::start(cancel);
        let mut hooks = CommitHooks::default();
        let (ended, mut failed) = std::thread::scope(|scope| {
            let mut threads = ScopedThreads::new(scope);
            let mut context = RunContext::new(&driver.cancel)
                .with_threads(&mut threads)
                .with_hooks(Q::ON_THE_WAY.then_some(&mut hooks));
            sink.start(&context);
            chain.start(&mut context);
            let mut end = Feed {
                sink: &mut sink,
                committing: &mut committing,
                hooks: &mut hooks,
                cancel: driver.cancel.clone(),
                counters: Counters::default(),
                stopped: false,
            };
            let ended = driver.run(&mut chain, &mut end, observer.as_deref_mut());
            (ended, end.counters.failed)
        });
        let (tally, waited) = (sink.tally(), sink.waited());
        let finishing = Instant::now();
        let finished = ended.and_then(|()| chain.close()).and_then(|()| {
            sink.finish().map_err(|mut failure| {
                failed += 1;
                failure.blame(sink_name);
                failure
            })
        });
        let finished = finished.and_then(|output| committing.finished().map(|()| output));
        let finishing = finishing.elapsed();
        let how = RunEnd::of(finished.as_ref().err());
        if let Some(observer) = &mut observer {
            observer.end(how);
        }
        drop(entered);
        let mut rows = Rows::new(driver.timed);
        chain.describe(&mut rows);
        let sink = SinkRow { name: sink_name, failed, tally, waited, finishing, taking: Duration::ZERO };
        let report = rows.into_report(name.clone(), &sink, driver.time());
        spans.close(&how, finished.as_ref().err(), &report);
        match finished {
            Ok(output) => Ok(Outcome { output, report }),
            Err(failure) => Err(Error::new(name, failure, report)),
        }
    }
}

/// The end of a chain: passes each item to the sink, which then commits if a commit is due.
struct Feed<'a, 'env, K, Q> {
    sink: &'a mut K,
    committing: &'a mut Q,
    hooks: &'a mut CommitHooks<'env>,
    cancel: CancelToken,
    counters: Counters,
    stopped: bool,
}

impl<K: Sink, Q: Committing<K>> Emit<K::In> for Feed<'_, '_, K, Q> {
    #[inline]
    fn emit(&mut self, item: K::In) -> Result<(), Halt> {
        match self.committing.consume(self.sink, item, self.hooks) {
            Ok(()) => Ok(()),
            Err(halt) => {
                self.stopped = true;
                Err(self.counters.blame(halt, self.sink.name()))
            }
        }
    }

    #[inline]
    fn emit_items(&mut self, items: impl Items<K::In>) -> Result<(), Halt> {
        match self.committing.consume_all(self.sink, items, self.hooks) {
            Ok(()) => Ok(()),
            Err(halt) => {
                self.stopped = true;
                Err(self.counters.blame(halt, self.sink.name()))
            }
        }
    }

    fn check(&mut self) -> Result<(), Halt> {
        Ok(self.cancel.check()?)
    }

    fn is_draining(&self) -> bool {
        self.cancel.is_draining()
    }

    fn wants_more(&self) -> bool {
        !self.stopped
    }
}

impl<C, K, M, Q> fmt::Debug for Runnable<C, K, M, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runnable").field("name", &self.name).finish_non_exhaustive()
    }
}

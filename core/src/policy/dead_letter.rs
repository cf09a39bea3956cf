//! `dead_letter(sink)`: the policy that gives failed items, with their errors, to a second sink.

use std::fmt;

use super::{Decision, Failed, Policy};
use crate::error::{BoxError, Failure, Halt};
use crate::graph::Node;
use crate::run::context::Context;
use crate::run::{CancelToken, CommitHooks};
use crate::sink::copy_item::{Cloned, CopyItem};
use crate::sink::side_sink::SideSink;
use crate::sink::{Commit, Sink};

/// Gives each item that fails to `sink`, with its error, and leaves it out. A sink that wants no more fails the run.
///
/// The sink is finished at the end of the run, before the pipeline's own, and dropped on an error.
///
/// Where the run [commits every n chunks](crate::Runnable::commit_every), the sink for letters is committed right before the
/// pipeline's own, if it can be and [is told to](DeadLetter::committing): so a run that fails, and is started again where
/// the sink last committed, has lost no letter. It may write some twice, of items that were on their way to the sink. A
/// sink for letters that cannot commit is best one that makes each durable as it takes it: what is not durable at a
/// commit is gone when the run fails behind it.
pub fn dead_letter<T, K: Sink<In = Letter<T>>>(sink: K) -> DeadLetter<K> {
    DeadLetter::new(sink, Cloned)
}

/// An item that failed, and why.
#[derive(Debug)]
pub struct Letter<T> {
    /// The name of the stage or sink that failed at it.
    pub stage: &'static str,
    /// The record, where the stage [said so](Failure::at).
    pub record: Option<String>,
    /// What went wrong.
    pub error: BoxError,
    /// The item, as the stage was given it.
    pub item: T,
}

/// Policy of [`dead_letter`].
#[must_use]
pub struct DeadLetter<K, C = Cloned> {
    sink: SideSink<K>,
    copies: C,
}

impl<K, C> DeadLetter<K, C> {
    pub(crate) fn new(sink: K, copies: C) -> Self {
        Self { sink: SideSink::new(sink), copies }
    }

    /// Has the sink for letters commit whenever the pipeline's own does, right before it: a letter is durable once what came
    /// behind its item is. `pipeline!` does so by itself where the sink has `commit every(n)`.
    pub fn committing(self) -> Self
    where
        K: Commit,
    {
        Self { sink: self.sink.committing(), copies: self.copies }
    }
}

impl<T, K: Sink<In = Letter<T>>, C: CopyItem<T>> Policy<T> for DeadLetter<K, C> {
    type Kept = T;

    fn keep(&mut self, item: &T) -> T {
        self.copies.copy(item)
    }

    fn decide(&mut self, failed: Failed<T>, _: &CancelToken) -> Result<Decision<T>, Failure> {
        let Failed { kept: item, failure, stage, .. } = failed;
        let taken = self.sink.with(|sink| {
            let (record, error) = failure.into_parts();
            sink.consume(Letter { stage, record, error, item })
        });
        match taken {
            Some(Ok(())) => Ok(Decision::LeaveOut),
            Some(Err(Halt::Failed(failure))) => Err(failure),
            Some(Err(Halt::Stop)) => Err(Failure::new("the sink for dead letters takes no more")),
            None => Err(Failure::new("the sink for dead letters is finished")),
        }
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.sink.commit()
    }

    fn share<'env>(&mut self, commits: &mut CommitHooks<'env>)
    where
        Self: 'env,
    {
        self.sink.share(commits);
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.sink.finish()
    }

    fn attach(&mut self, cancel: &CancelToken) {
        self.sink.with(|sink| sink.attach(&Context::of(cancel)));
    }

    fn draw(&self, node: Node) -> Node {
        let name = self.sink.name().unwrap_or_default();
        node.clause(format!("on_error dead_letter({name})")).keeping_a_copy().branch("failed", name)
    }
}

impl<K, C> fmt::Debug for DeadLetter<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter").finish_non_exhaustive()
    }
}

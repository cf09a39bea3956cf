//! `dead_letter(sink)`: the policy that gives failed items, with their errors, to a second sink.

use std::fmt;
use std::marker::PhantomData;

use super::{Decision, Failed, Policy};
use crate::error::{BoxError, Failure, Halt};
use crate::graph::Node;
use crate::run::RunContext;
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

/// [`dead_letter`] with a key of each item in its letter, in place of a clone of the item: `key_of` gives the key.
///
/// ```
/// use syncline_core::{Collect, Letter, Pipeline, dead_letter_by, for_each, from_iter};
///
/// struct Row { id: u32, text: String }
///
/// let mut failed = Vec::new();
/// let letters = for_each(|letter: Letter<u32>| { failed.push(letter.item); Ok(()) });
/// let rows = ["1", "x"].into_iter().zip(10..).map(|(text, id)| Row { id, text: text.into() });
/// Pipeline::new("numbers", from_iter(rows))
///     .try_map(|row| Ok(row.text.parse::<u32>()?))
///     .on_error(dead_letter_by(|row: &Row| row.id, letters))
///     .end(Collect::new())
///     .run()?;
/// assert_eq!(failed, [11]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn dead_letter_by<T, I, F, K>(key_of: F, sink: K) -> DeadLetter<K, KeyOf<T, I, F>>
where
    F: FnMut(&T) -> I,
    K: Sink<In = Letter<I>>,
{
    DeadLetter::new(sink, KeyOf { key_of, types: PhantomData })
}

/// The function of a [`dead_letter_by`] that gives the key of an item.
pub struct KeyOf<T, I, F> {
    key_of: F,
    types: PhantomData<fn(&T) -> I>,
}

impl<T, I, F> fmt::Debug for KeyOf<T, I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyOf")
    }
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

impl<T, K: Sink<In = Letter<T>>, C> DeadLetter<K, C> {
    /// Gives a failed item to the sink.
    fn put_away(&mut self, failed: Failed<T>) -> Result<(), Failure> {
        let Failed { kept: item, failure, stage, .. } = failed;
        let taken = self.sink.with(|sink| {
            let (record, error) = failure.into_parts();
            sink.consume(Letter { stage, record, error, item })
        });
        match taken {
            Some(Ok(())) => Ok(()),
            Some(Err(Halt::Failed(failure))) => Err(failure),
            Some(Err(Halt::Stop)) => Err(Failure::new("the sink for dead letters takes no more")),
            None => Err(Failure::new("the sink for dead letters is finished")),
        }
    }
}

/// The methods that do not depend on what is kept of an item.
macro_rules! rest_of_the_policy {
    () => {
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
            self.sink.with(|sink| sink.start(&RunContext::new(cancel)));
        }

        fn draw(&self, node: Node) -> Node {
            let name = self.sink.name().unwrap_or_default();
            node.clause(format!("on_error dead_letter({name})")).keeping_a_copy().branch("failed", name)
        }
    };
}

impl<T, K: Sink<In = Letter<T>>, C: CopyItem<T>> Policy<T> for DeadLetter<K, C> {
    type Kept = T;

    fn keep(&mut self, item: &T) -> T {
        self.copies.copy(item)
    }

    fn decide(&mut self, failed: Failed<T>, _: &CancelToken) -> Result<Decision<T>, Failure> {
        self.put_away(failed)?;
        Ok(Decision::LeaveOut)
    }

    rest_of_the_policy!();
}

impl<T, I, K: Sink<In = Letter<I>>, F: FnMut(&T) -> I> Policy<T> for DeadLetter<K, KeyOf<T, I, F>> {
    type Kept = I;

    fn keep(&mut self, item: &T) -> I {
        (self.copies.key_of)(item)
    }

    fn decide(&mut self, failed: Failed<I>, _: &CancelToken) -> Result<Decision<T>, Failure> {
        self.put_away(failed)?;
        Ok(Decision::LeaveOut)
    }

    rest_of_the_policy!();
}

impl<K, C> fmt::Debug for DeadLetter<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter").finish_non_exhaustive()
    }
}

//! `dead_letter(sink)`: the policy that gives failed items, with their errors, to a second sink.

use std::fmt;
use std::marker::PhantomData;

use super::{Decision, Failed, Policy};
use crate::error::{BoxError, Failure, Halt};
use crate::graph::Node;
use crate::run::RunContext;
use crate::run::{CancelToken, CommitHooks};
use crate::sink::copy_item::{Cloned, CopyItem};
use crate::sink::second_sink::SecondSink;
use crate::sink::{Commit, SideSink, Sink};

/// A policy that sends each failed item to `sink`, with its error, and skips it. If `sink` needs no more items, the run
/// fails.
///
/// The sink is finished at the end of the run, before the pipeline's own sink, and dropped after an error.
///
/// If the run [commits every n chunks](crate::Runnable::commit_every), a [committing](DeadLetter::committing) sink of
/// letters commits just before the pipeline's own sink. So a run that fails, and is restarted at the last commit, has
/// lost no letter. Letters of items that were on their way at the commit may be written twice. A sink of letters that
/// cannot commit should make each letter durable at once: otherwise letters since the start of the run are lost if the
/// run fails.
///
/// The sink has no output that is lost, see [`SideSink`]: keep letters with
/// [`for_each`](crate::for_each()).
///
/// ```
/// use syncline_core::{Collect, Letter, Pipeline, dead_letter, for_each, from_iter};
///
/// let mut letters = Vec::new();
/// let outcome = Pipeline::new("numbers", from_iter(["1", "x"]))
///     .try_map(|text| Ok(text.parse::<u32>()?))
///     .on_error(dead_letter(for_each(|letter: Letter<&str>| { letters.push(letter.item); Ok(()) })))
///     .end(Collect::new())
///     .run()?;
/// assert_eq!((outcome.output, letters), (vec![1], vec!["x"]));
/// # Ok::<(), syncline_core::Error>(())
/// ```
///
/// ```compile_fail,E0277
/// # use syncline_core::{Collect, Pipeline, dead_letter, from_iter};
/// # let numbers = Pipeline::new("numbers", from_iter(["1", "x"]));
/// let numbers = numbers.try_map(|text| Ok(text.parse::<u32>()?));
/// let numbers = numbers.on_error(dead_letter(Collect::new())); // The letters would be lost.
/// # numbers.end(Collect::new()).run()?;
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn dead_letter<T, K>(sink: K) -> DeadLetter<K>
where
    K: Sink<In = Letter<T>> + SideSink<<K as Sink>::Output>,
{
    DeadLetter::new(sink, Cloned)
}

/// Like [`dead_letter`], but a letter holds a key of its item instead of a clone. `key_of` returns the key.
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
    K: Sink<In = Letter<I>> + SideSink<<K as Sink>::Output>,
{
    DeadLetter::new(sink, KeyOf { key_of, types: PhantomData })
}

/// The function of a [`dead_letter_by`] that returns the key of an item.
pub struct KeyOf<T, I, F> {
    key_of: F,
    types: PhantomData<fn(&T) -> I>,
}

impl<T, I, F> fmt::Debug for KeyOf<T, I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyOf")
    }
}

/// A failed item with its error.
#[derive(Debug)]
pub struct Letter<T> {
    /// The name of the stage or sink that failed.
    pub stage: &'static str,
    /// The record, if the stage [set it](Failure::at).
    pub record: Option<String>,
    /// The error.
    pub error: BoxError,
    /// The item as the stage received it.
    pub item: T,
}

/// Policy of [`dead_letter`].
#[must_use]
pub struct DeadLetter<K, C = Cloned> {
    sink: SecondSink<K>,
    copies: C,
}

impl<K, C> DeadLetter<K, C> {
    pub(crate) fn new(sink: K, copies: C) -> Self {
        Self { sink: SecondSink::new(sink), copies }
    }

    /// Lets the sink of letters commit just before each commit of the pipeline's own sink: when an item behind a failed
    /// item is durable, the letter is as well. `pipeline!` does this by itself if the sink has `commit every(n)`.
    pub fn committing(self) -> Self
    where
        K: Commit,
    {
        Self { sink: self.sink.committing(), copies: self.copies }
    }
}

impl<T, K: Sink<In = Letter<T>>, C> DeadLetter<K, C> {
    /// Sends a failed item to the sink. A failure of the sink is not one of the item, so no other policy may handle it.
    fn put_away(&mut self, failed: Failed<T>) -> Result<(), Failure> {
        let Failed { kept: item, failure, stage, .. } = failed;
        let taken = self.sink.with(|sink| {
            let (record, error) = failure.into_parts();
            sink.consume(Letter { stage, record, error, item })
        });
        match taken {
            Some(Ok(())) => Ok(()),
            Some(Err(Halt::Failed(failure))) => Err(failure.fatal()),
            Some(Err(Halt::Stop)) => Err(Failure::new("the sink for dead letters takes no more").fatal()),
            None => Err(Failure::new("the sink for dead letters is finished").fatal()),
        }
    }
}

/// The methods that do not depend on the copy of an item.
macro_rules! rest_of_the_policy {
    () => {
        fn commit(&mut self) -> Result<(), Failure> {
            self.sink.commit()
        }

        fn add_commit_hooks<'env>(&mut self, commits: &mut CommitHooks<'env>)
        where
            Self: 'env,
        {
            self.sink.add_commit_hooks(commits);
        }

        fn finish(&mut self) -> Result<(), Failure> {
            self.sink.finish()
        }

        fn attach(&mut self, cancel: &CancelToken) {
            self.sink.unshare();
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

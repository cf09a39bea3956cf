//! Where items end.

use std::fmt;
use std::time::Duration;

use crate::context::Context;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::items::Items;
use crate::name::short_name;
use crate::policy::Tally;

/// Where a pipeline's items end.
///
/// A sink is given items one by one, and once, after the last, asked to finish: that is when work becomes durable.
/// Finishing takes the sink itself, so it cannot happen twice, and a sink that is dropped instead commits nothing.
#[diagnostic::on_unimplemented(
    message = "a pipeline ends in a sink, and `{Self}` is not one",
    label = "not a sink",
    note = "implement `syncline::Sink` for it, or end in `syncline::Collect::new()` or `syncline::for_each(..)`"
)]
pub trait Sink {
    /// What it takes.
    type In;

    /// What a run gives back.
    type Output;

    /// Takes one item.
    ///
    /// # Errors
    ///
    /// [`Halt::Stop`] when it wants no more: the run then ends well, and what stages still hold is dropped.
    /// [`Halt::Failed`] when the item cannot be taken: the run ends, and [`finish`](Sink::finish) is not called.
    fn consume(&mut self, item: Self::In) -> Result<(), Halt>;

    /// Takes several items: what a loop over [`consume`](Sink::consume) does. To be written only where it can be done
    /// faster at once.
    ///
    /// # Errors
    ///
    /// As for [`consume`](Sink::consume). No more of `items` are asked for then.
    #[inline]
    fn consume_all(&mut self, items: impl Items<Self::In>) -> Result<(), Halt> {
        items.each(|item| self.consume(item))
    }

    /// Makes durable what it took. Called once, after the last item, and never after a failure.
    ///
    /// # Errors
    ///
    /// When that is not possible.
    fn finish(self) -> Result<Self::Output, Failure>;

    /// Its name in reports and errors. By default that of its type.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }

    /// How graphs show it. By default by its name, and what it holds as its own affair.
    fn node(&self) -> Node {
        Node::sink(self.name())
    }

    /// How long it waited for others: for room in a channel, say.
    #[doc(hidden)]
    fn waited(&self) -> Duration {
        Duration::ZERO
    }

    /// Whether it commits on its way.
    #[doc(hidden)]
    const COMMITS: bool = false;

    /// Commits, where that is due by now, right after `first`.
    ///
    /// # Errors
    ///
    /// When either is not possible.
    #[doc(hidden)]
    #[inline]
    fn commit_due(&mut self, first: &mut dyn FnMut() -> Result<(), Failure>) -> Result<(), Failure> {
        let _ = first;
        Ok(())
    }

    /// Takes several items, and commits after each where that is due. A method, so that the loop over the items is
    /// compiled in one way only: it has all stages before the sink in it.
    ///
    /// # Errors
    ///
    /// As for [`consume_all`](Sink::consume_all), and when what is due is not possible.
    #[doc(hidden)]
    #[inline]
    fn consume_all_and_commit(
        &mut self,
        items: impl Items<Self::In>,
        first: &mut dyn FnMut() -> Result<(), Failure>,
    ) -> Result<(), Halt> {
        let _ = first;
        self.consume_all(items)
    }

    /// Called before the run begins.
    #[doc(hidden)]
    fn attach(&mut self, context: &Context<'_, '_, '_>) {
        let _ = context;
    }

    /// Called before the item that it has just refused is offered to it again, by a policy: one that counts its items
    /// counts that one once.
    #[doc(hidden)]
    fn tries_again(&mut self) {}

    /// How many items it has left out so far by a policy of its own, for the report. By default none; a policy that is given
    /// by `on_error` counts by itself.
    fn tally(&self) -> Tally {
        Tally::default()
    }
}

/// Sink that gathers all items, for tests and for what is known to be small.
///
/// * Shape: any item; gives back all of them, in order.
/// * Memory: every item: it grows without end.
/// * End: what was gathered is given back. In a run that fails it is dropped.
/// * Error: none.
#[derive(Debug)]
#[must_use]
pub struct Collect<T> {
    items: Vec<T>,
}

impl<T> Collect<T> {
    /// An empty one.
    pub fn new() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T> Default for Collect<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Sink for Collect<T> {
    type In = T;
    type Output = Vec<T>;

    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.items.push(item);
        Ok(())
    }

    fn finish(self) -> Result<Vec<T>, Failure> {
        Ok(self.items)
    }

    fn node(&self) -> Node {
        Node::sink(self.name()).holding_in_words("every item")
    }
}

/// Sink that calls `consume` with each item. It gives back the number of items.
///
/// ```
/// use syncline_core::{Pipeline, for_each, from_iter};
///
/// let mut sum = 0;
/// let outcome = Pipeline::new("sum", from_iter([1, 2, 3])).end(for_each(|n| { sum += n; Ok(()) })).run()?;
/// assert_eq!((sum, outcome.output), (6, 3));
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn for_each<T, F: FnMut(T) -> Result<(), Halt>>(consume: F) -> ForEach<T, F> {
    ForEach { consume, count: 0, item: std::marker::PhantomData }
}

/// Sink of [`for_each`].
///
/// * Shape: any item; gives back how many the closure was given.
/// * Memory: nothing is held.
/// * End: the closure is not told of it.
/// * Error: that of the closure ends the run. So does [`Halt::Stop`], well.
#[must_use]
pub struct ForEach<T, F> {
    consume: F,
    count: u64,
    item: std::marker::PhantomData<fn(T)>,
}

impl<T, F: FnMut(T) -> Result<(), Halt>> Sink for ForEach<T, F> {
    type In = T;
    type Output = u64;

    #[inline]
    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.count += 1;
        (self.consume)(item)
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.count)
    }

    fn name(&self) -> &'static str {
        "for_each"
    }
}

impl<T, F> fmt::Debug for ForEach<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForEach").field("count", &self.count).finish_non_exhaustive()
    }
}

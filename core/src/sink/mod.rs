//! Sinks: the ends of pipelines. A sink takes each item and makes its work durable when the run finishes.

mod boxed;
mod collect;
mod commit;
pub(crate) mod copy_item;
mod for_each;
mod route;
pub(crate) mod side_sink;

use std::time::Duration;

use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::report::Tally;
use crate::report::short_name::short_name;
use crate::run::context::Context;

pub use boxed::{BoxedCommit, BoxedSink};
pub use collect::Collect;
pub use commit::{Commit, CommitEvery};
pub use copy_item::{Cloned, CopyItem};
pub use for_each::{ForEach, for_each};
pub use route::{Route, route};

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

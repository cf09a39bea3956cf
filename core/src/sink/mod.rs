//! Sinks: the ends of pipelines. A sink takes each item and makes its work durable when the run finishes.

mod boxed;
mod collect;
mod commit;
pub(crate) mod copy_item;
pub(crate) mod delegate;
mod for_each;
mod route;
pub(crate) mod side_sink;

use std::time::Duration;

use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::report::Tally;
use crate::report::short_name::short_name;
use crate::run::RunContext;

pub use boxed::{BoxedCommit, BoxedSink};
pub use collect::Collect;
pub use commit::Commit;
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

    /// Called once before the first item of a run. A sink that may have to wait keeps
    /// [the token](RunContext::cancel_token) that cancels the run.
    fn start(&mut self, context: &RunContext<'_, '_>) {
        let _ = context;
    }

    /// Called before a policy offers the item again that the sink has just refused. A sink that numbers its items counts that
    /// item once.
    fn before_retry(&mut self) {}

    /// The time that it has waited for others: for room in a channel, say. The report counts it as waiting, not as work.
    fn waited(&self) -> Duration {
        Duration::ZERO
    }

    /// The number of items that it has left out so far by a policy of its own, for the report. A policy that is given by
    /// `on_error` counts by itself.
    fn tally(&self) -> Tally {
        Tally::default()
    }

    /// Its name in reports and errors. By default that of its type.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }

    /// Its node in graphs. By default one with its name, which says nothing of what it holds.
    fn node(&self) -> Node {
        Node::sink(self.name())
    }
}

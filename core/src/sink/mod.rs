//! Sinks: the ends of pipelines. A sink takes each item and makes its work durable when the run finishes.

mod boxed;
mod collect;
mod commit;
pub(crate) mod copy_item;
mod count;
pub(crate) mod delegate;
mod discard_output;
mod fold;
mod for_each;
mod route;
pub(crate) mod second_sink;
mod side_sink;
mod sum;

use std::time::Duration;

use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::report::Tally;
use crate::report::short_name::short_name;
use crate::run::RunContext;

pub use boxed::{BoxedCommit, BoxedSink};
pub use collect::{Collect, CollectInto, collect, collect_into};
pub use commit::Commit;
pub use copy_item::{Cloned, CopyItem};
pub use count::{Count, count};
pub use discard_output::{DiscardOutput, discard_output};
pub use fold::{Fold, fold};
pub use for_each::{ForEach, for_each};
pub use route::{Route, route};
pub use side_sink::SideSink;
pub use sum::{Sum, Total, sum};

/// The end of a pipeline.
///
/// A sink consumes items one by one, and is finished once, after the last: then its work becomes durable. `finish`
/// takes the sink by value, so it cannot be called twice. A sink that is dropped instead commits nothing.
#[diagnostic::on_unimplemented(
    message = "a pipeline ends in a sink, and `{Self}` is not one",
    label = "not a sink",
    note = "implement `syncline::Sink` for it, or end in `syncline::Collect::new()` or `syncline::for_each(..)`"
)]
pub trait Sink {
    /// The items that it consumes.
    type In;

    /// The output of a run.
    type Output;

    /// Consumes one item.
    ///
    /// # Errors
    ///
    /// [`Halt::Stop`] if it needs no more items: the run then ends successfully, and items that stages still hold are
    /// dropped. [`Halt::Failed`] if it cannot consume the item: the run ends, and [`finish`](Sink::finish) is not
    /// called.
    fn consume(&mut self, item: Self::In) -> Result<(), Halt>;

    /// Consumes several items, like a loop over [`consume`](Sink::consume). Implement it only if that is faster.
    ///
    /// # Errors
    ///
    /// As for [`consume`](Sink::consume). No further items are taken from `items` then.
    #[inline]
    fn consume_all(&mut self, items: impl Items<Self::In>) -> Result<(), Halt> {
        items.each(|item| self.consume(item))
    }

    /// Makes the consumed items durable. Called once, after the last item, and never after a failure.
    ///
    /// # Errors
    ///
    /// If that fails.
    fn finish(self) -> Result<Self::Output, Failure>;

    /// Called once before the first item of a run. A sink that may wait keeps the run's [cancel
    /// token](RunContext::cancel_token).
    fn start(&mut self, context: &RunContext<'_, '_>) {
        let _ = context;
    }

    /// Called before a policy offers the same item again that the sink has just rejected, or a part of a chunk that the
    /// sink has rejected. So a sink that numbers its items counts each once, and all parts of a chunk have its number.
    fn before_retry(&mut self) {}

    /// The time that the sink has waited, for example for room in a channel. The report counts it as waiting, not as
    /// work.
    fn waited(&self) -> Duration {
        Duration::ZERO
    }

    /// The number of items that the sink has left out with a policy of its own, for the report. A policy of `on_error`
    /// counts itself.
    fn tally(&self) -> Tally {
        Tally::default()
    }

    /// The sink's name in reports and errors. By default the name of its type.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }

    /// The sink's node in graphs. By default it has the sink's name and an unknown amount of held items.
    fn node(&self) -> Node {
        Node::sink(self.name())
    }
}

//! Sources: the beginnings of pipelines. A source is advanced by the run and emits about a chunk of items each time.

mod chain;
pub(crate) mod delegate;
mod from_iter;
mod from_results;
mod merge;
mod range;
mod read_ahead;

use std::time::Duration;

use crate::emit::Emit;
use crate::error::Halt;
use crate::graph::Node;
use crate::report::Tally;
use crate::report::short_name::short_name;
use crate::run::RunContext;

pub use chain::{Chained, chain};
pub use from_iter::{FromIter, from_iter};
pub use from_results::{FromResults, ItemOrError, from_results};
pub use merge::{Merge, MergeBy, merge, merge_by};
pub use read_ahead::{ReadAhead, read_ahead, read_ahead_weighed};

/// Where a pipeline gets its items from.
///
/// A source is *advanced*: it emits some items, up to about a chunk, and says how things stand. Between two chunks a
/// run can be cancelled and a timed buffer closed, so keep chunks short: hundreds of items, not all of them.
///
/// ```
/// use syncline_core::{Collect, Emit, Halt, Pipeline, Progress, Source};
///
/// /// Counts down to one.
/// struct Countdown(u32);
///
/// impl Source for Countdown {
///     type Item = u32;
///
///     fn advance(&mut self, out: &mut impl Emit<u32>) -> Result<Progress, Halt> {
///         if self.0 == 0 {
///             return Ok(Progress::Done);
///         }
///         out.emit(self.0)?;
///         self.0 -= 1;
///         Ok(Progress::More)
///     }
/// }
///
/// let outcome = Pipeline::new("launch", Countdown(3)).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, [3, 2, 1]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a pipeline begins with a source, and `{Self}` is not one",
    label = "not a source",
    note = "implement `syncline::Source` for it, or wrap an iterator in `syncline::from_iter(..)`"
)]
pub trait Source {
    /// What it emits.
    type Item;

    /// Emits the next items, up to about a chunk.
    ///
    /// Not called again once it has returned [`Progress::Done`] or an error.
    ///
    /// # Errors
    ///
    /// [`Halt::Failed`] when the items cannot be had; and whatever `out` returns, which `?` passes on.
    fn advance(&mut self, out: &mut impl Emit<Self::Item>) -> Result<Progress, Halt>;

    /// Waits until it may have more, and no longer than `at_most`. Called when it has said that it is
    /// [idle](Progress::Idle), by a run that has no other source.
    ///
    /// By default it waits all of that time, or until the thread is unparked.
    fn wait(&mut self, at_most: Duration) {
        std::thread::park_timeout(at_most);
    }

    /// How many items it will still emit, where it knows.
    fn remaining(&self) -> Option<u64> {
        None
    }

    /// Called once before the first item of a run, with what the source may use of it: the token that cancels the run, and
    /// hooks for the commits of its sink. See [`Stage::start`](crate::Stage::start).
    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        let _ = context;
    }

    /// Called when no more items are wanted, in a run that ends well: the source makes durable what it has taken itself, as a
    /// pipeline with a `tee` does that is merged with others. Not called once [`advance`](Source::advance) has returned
    /// [`Progress::Done`] or an error, and no method is called after it.
    ///
    /// # Errors
    ///
    /// When that is not possible.
    fn stop(&mut self) -> Result<(), Halt> {
        Ok(())
    }

    /// The time that it has waited for others inside [`advance`](Source::advance): for a thread that reads ahead, say. The
    /// report counts it as waiting, not as work.
    fn waited(&self) -> Duration {
        Duration::ZERO
    }

    /// The number of items that it has left out by a policy that it [asks itself](crate::Shared::leave_out), for the report.
    fn tally(&self) -> Tally {
        Tally::default()
    }

    /// Its name in reports and errors. By default that of its type.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }

    /// How graphs show it. By default by its name, and what it holds as its own affair.
    fn node(&self) -> Node {
        Node::source(self.name())
    }
}

/// How things stand with a [`Source`] that has been advanced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is more: advance it again.
    More,
    /// There may be more later, and there is nothing now. Who drives the pipeline decides how long to wait.
    Idle,
    /// That was all.
    Done,
}

/// How many items an iterator gives before whoever drives the pipeline is asked again.
pub(crate) const CHUNK: usize = 256;

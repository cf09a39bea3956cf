//! Sources: the beginnings of pipelines. A source is advanced by the run and emits about a chunk of items each time.

mod chain;
mod chunk;
pub(crate) mod delegate;
mod finished;
mod from_iter;
mod from_results;
mod merge;
mod range;
mod read_ahead;
mod sources;

use std::time::Duration;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::report::Tally;
use crate::report::short_name::short_name;
use crate::run::RunContext;

pub use chain::{Chained, chain};
pub(crate) use chunk::Chunk;
pub use from_iter::{FromIter, from_iter};
pub use from_results::{FromResults, ItemOrError, from_results};
pub use merge::{Merge, MergeBy, merge, merge_by};
pub use read_ahead::{ReadAhead, read_ahead, read_ahead_weighed};

/// The start of a pipeline.
///
/// The run *advances* a source: the source emits up to about a chunk of items, and returns its progress. Between two
/// chunks a run can be cancelled and a timed buffer closed, so keep chunks short: hundreds of items, and fewer if they
/// take long. [`Emit::chunk`] returns that number.
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
    /// The items that it emits.
    type Item;

    /// Emits the next items, up to about a chunk.
    ///
    /// It is not called again after [`Progress::Done`] or an error.
    ///
    /// # Errors
    ///
    /// [`Halt::Failed`] if the items cannot be read, and any error of `out`, which `?` returns.
    fn advance(&mut self, out: &mut impl Emit<Self::Item>) -> Result<Progress, Halt>;

    /// Waits until there may be more items, for up to `at_most`. A run without another source calls it after
    /// [`Progress::Idle`].
    ///
    /// The default waits for that time, or until the thread is unparked.
    fn wait(&mut self, at_most: Duration) {
        std::thread::park_timeout(at_most);
    }

    /// The number of remaining items, if the source knows it.
    fn remaining(&self) -> Option<u64> {
        None
    }

    /// Called once before the first item of a run. The context has the token that cancels the run, and the hooks for
    /// the commits of its sink. See [`Stage::start`](crate::Stage::start).
    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        let _ = context;
    }

    /// Called if no more items are needed, in a successful run: the source makes its own work durable, for example a
    /// pipeline with a `tee` that is merged with others. Not called after [`advance`](Source::advance) has returned
    /// [`Progress::Done`] or an error. Only [`close`](Source::close) is called after it.
    ///
    /// # Errors
    ///
    /// If that fails.
    fn stop(&mut self) -> Result<(), Halt> {
        Ok(())
    }

    /// Called in place of further [advances](Source::advance) if the run [drains](crate::CancelToken::drain): the source
    /// emits the items that it has taken from elsewhere and still holds, and then does the work of
    /// [`stop`](Source::stop). The default does only that, for a source that holds no items between two advances.
    ///
    /// # Errors
    ///
    /// As for [`advance`](Source::advance).
    fn drain(&mut self, out: &mut impl Emit<Self::Item>) -> Result<(), Halt> {
        let _ = out;
        self.stop()
    }

    /// Called once at the end of the source, in a successful run: after [`Progress::Done`], after an error of `out` that
    /// says that no more items are needed, or after [`stop`](Source::stop) or [`drain`](Source::drain). The source
    /// makes its own work durable, for example the letters of a policy that it [calls itself](crate::Shared::close).
    /// Never called after a failure.
    ///
    /// # Errors
    ///
    /// If that fails.
    fn close(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// The time that the source has waited inside [`advance`](Source::advance), for example for a thread that reads
    /// ahead. The report counts it as waiting, not as work.
    fn waited(&self) -> Duration {
        Duration::ZERO
    }

    /// The number of items left out by a policy that the source [calls itself](crate::Shared::leave_out), for the
    /// report.
    fn tally(&self) -> Tally {
        Tally::default()
    }

    /// The source's name in reports and errors. By default the name of its type.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }

    /// The source's node in graphs. By default it has the source's name and an unknown amount of held items.
    fn node(&self) -> Node {
        Node::source(self.name())
    }
}

/// The progress of a [`Source`] after an advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There are more items: advance it again.
    More,
    /// There are no items now, but there may be later. The driver decides how long to wait.
    Idle,
    /// There are no more items.
    Done,
}

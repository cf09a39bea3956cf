//! Runs: a pipeline with its sink, the driver that advances it, and the ways to influence and observe it.

mod after_commit;
mod cancel;
mod commit_hooks;
mod committing;
pub(crate) mod context;
pub(crate) mod driver;
mod into_iter;
#[cfg(feature = "futures")]
mod into_stream;
mod job;
mod observer;
mod options;
mod outcome;
mod pull;
mod runnable;
mod steps;
mod trace;

pub use after_commit::{AfterCommit, CountCommitted, LastCommitted};
pub(crate) use cancel::CHECK_INTERVAL;
pub use cancel::CancelToken;
pub use commit_hooks::CommitHooks;
pub use committing::{AddHook, CommitEvery, CommitOnce, Committing};
pub use context::RunContext;
pub use into_iter::IntoIter;
#[cfg(feature = "futures")]
pub use into_stream::IntoStream;
pub use job::{BoxedPipeline, BoxedRun, BoxedSendPipeline, BoxedSendRun, Job};
pub use observer::{Observer, RunEnd, TellProgress, tell_progress};
pub use options::RunOptions;
pub use outcome::Outcome;
pub use runnable::Runnable;
pub use steps::{RunningSteps, Step, Steps};

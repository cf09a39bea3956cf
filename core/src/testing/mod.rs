//! Tools for tests of pipelines: scripted sources, sinks that record their calls, and runs that fail at every point and
//! are restarted.
//!
//! | To have | Use |
//! |---|---|
//! | a source that emits items, pauses, fails or ends as scripted | [`Script`] |
//! | a source that waits for a signal of the test | [`Script::until`] and a [`Cue`] |
//! | a sink that records its items and its end | [`Probe`] |
//! | a sink that rejects an item, needs no more items, or fails at the end | [`Probe::refuse`], [`Probe::stop_after`], [`Probe::fail_at_end`] |
//! | a stage that fails at some items | [`fail_if`] |
//! | a check that a failed run can be restarted | [`fail_at_each_chunk`], [`fail_every`] |
//!
//! None of these tools needs a clock: the test itself gives the signal to go on.
//!
//! ```
//! use syncline_core::Pipeline;
//! use syncline_core::testing::{Ending, Probe, Script};
//!
//! let source = Script::new().items([1, 2]).idle().items([3]).fail("the cable was pulled");
//! let probe = Probe::new();
//! let seen = probe.seen();
//!
//! let error = Pipeline::new("copy", source).map(|n| n * 10).end(probe).run().unwrap_err();
//! assert_eq!(error.to_string(), "pipeline copy failed in stage Script");
//! assert_eq!(seen.items(), [10, 20, 30]);
//! assert_eq!(seen.ending(), Ending::Dropped); // nothing was made durable
//! ```

mod fail_if;
mod fault;
mod planned;
mod probe;
mod restart;
mod script;

pub use fail_if::{FailIf, fail_if};
pub use fault::{Fault, Faulty, FaultyStage};
pub use planned::Planned;
pub use probe::{Ending, Probe, Seen};
pub use restart::{fail_at_each_chunk, fail_every};
pub use script::{Cue, Script, Watch};

//! What tests of pipelines are made of: sources that follow a script, sinks that note what happens to them, and runs
//! that are made to fail at every point and are started again.
//!
//! | To have | Use |
//! |---|---|
//! | a source that gives items, pauses, fails or ends, just so | [`Script`] |
//! | a source that waits until the test says so | [`Script::until`] and a [`Cue`] |
//! | a sink that notes what it was given and how it ended | [`Probe`] |
//! | a sink that refuses an item, wants no more, or cannot finish | [`Probe::refuse`], [`Probe::stop_after`], [`Probe::fail_at_end`] |
//! | a stage that fails at some items | [`fail_if`] |
//! | proof that a failed run can be started again | [`fail_at_each_chunk`], [`fail_every`] |
//!
//! Nothing here needs a clock: what a test waits for, it says itself.
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
//! assert_eq!(seen.ending(), Ending::Dropped); // so nothing was made durable
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

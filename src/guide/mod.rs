#![doc = include_str!("hello.md")]
//! ```no_run
#![doc = include_str!("../../examples/hello.rs")]
//! ```
//!
#![doc = include_str!("sink.md")]
//! ```no_run
#![doc = include_str!("../../examples/word_count.rs")]
//! ```
//!
#![doc = include_str!("stage.md")]
//! ```no_run
#![doc = include_str!("../../examples/custom_stage.rs")]
//! ```
//!
#![doc = include_str!("bad_rows.md")]
//! ```no_run
#![doc = include_str!("../../examples/csv_to_sqlite.rs")]
//! ```
//!
#![doc = include_str!("policies.md")]
//! ```no_run
#![doc = include_str!("../../examples/policies.rs")]
//! ```
//!
#![doc = include_str!("idle.md")]
//! ```no_run
#![doc = include_str!("../../examples/tail_log.rs")]
//! ```
//!
#![doc = include_str!("several.md")]
//! ```no_run
#![doc = include_str!("../../examples/merge_sorted.rs")]
//! ```
//!
#![doc = include_str!("lookup.md")]
//! ```no_run
#![doc = include_str!("../../examples/enrich.rs")]
//! ```
//!
#![doc = include_str!("reuse.md")]
//! ```no_run
#![doc = include_str!("../../examples/sub_pipeline.rs")]
//! ```
//!
#![doc = include_str!("observe.md")]
//! ```no_run
#![doc = include_str!("../../examples/observe.rs")]
//! ```
//!
#![doc = include_str!("tasks.md")]
//! ```no_run
#![doc = include_str!("../../examples/as_a_task.rs")]
//! ```

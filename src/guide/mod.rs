#![doc = include_str!("hello.md")]
//! ```
#![doc = include_str!("../../examples/hello.rs")]
//! ```
//!
#![doc = include_str!("sink.md")]
//! ```
#![doc = include_str!("../../examples/word_count.rs")]
//! ```
//!
#![doc = include_str!("stage.md")]
//! ```
#![doc = include_str!("../../examples/custom_stage.rs")]
//! ```
//!
#![doc = include_str!("bad_rows.md")]
//! ```
#![doc = include_str!("../../examples/csv_to_sqlite.rs")]
//! ```
//!
#![doc = include_str!("policies.md")]
//! ```
#![doc = include_str!("../../examples/policies.rs")]
//! ```
//!
#![doc = include_str!("idle.md")]
//! ```
#![doc = include_str!("../../examples/tail_log.rs")]
//! ```
//!
#![doc = include_str!("several.md")]
//! ```
#![doc = include_str!("../../examples/merge_sorted.rs")]
//! ```
//!
#![doc = include_str!("several_sinks.md")]
//! ```
#![doc = include_str!("../../examples/two_sinks.rs")]
//! ```
//!
#![doc = include_str!("lookup.md")]
//! ```
#![doc = include_str!("../../examples/enrich.rs")]
//! ```
//!
#![doc = include_str!("reuse.md")]
//! ```
#![doc = include_str!("../../examples/sub_pipeline.rs")]
//! ```
//!
#![doc = include_str!("observe.md")]
//! ```
#![doc = include_str!("../../examples/observe.rs")]
//! ```
//!
#![doc = include_str!("tasks.md")]
//! ```
#![doc = include_str!("../../examples/as_a_task.rs")]
//! ```
//!
#![doc = include_str!("operators.md")]

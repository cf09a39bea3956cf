//! Tests of the whole system on real Kolibri databases.
//!
//! Kolibri 0.19.5 made the databases under `tests/fixtures`, and its Morango 0.8.15 serialised their `-serialized` copies. The
//! expected results are Morango's, or follow by SQL from the database before the run.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "the SQL of a test is short")]

mod bad_input;
mod cli;
mod commit_points;
mod compare;
mod conformance;
mod content;
mod crash;
mod edits;
mod filters;
mod fixtures;
mod follower;
mod grown;
mod identities;
#[cfg(unix)]
mod interrupt;
mod large_record;
mod later_schema;
mod left_out;
mod models;
mod more_databases;
#[cfg(unix)]
mod owner;
mod plans;
mod program;
mod progress;
#[cfg(unix)]
mod read_only;
mod records;
mod restart;
mod room;
mod self_reference;
mod sharing;
mod status;
mod sync_tables;
#[cfg(unix)]
mod terminal;

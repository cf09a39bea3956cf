//! The whole system, on real Kolibri databases.
//!
//! The databases under `tests/fixtures` were made by Kolibri 0.19.5, and their `-serialized` halves by the Morango
//! 0.8.15 that comes with it: what is expected here is what Morango did, or what SQL says of the database before.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without makes it fail")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "the SQL of a test is short")]

mod bad_input;
mod cli;
mod commit_points;
mod compare;
mod conformance;
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

//! Receiving, and syncs of whole databases, through the public API. One test binary, small enough to build often.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without makes it fail")]

mod agreement;
mod cleanup;
mod conflicts;
mod cut;
mod devices;
mod hostile;
mod on_conflict;
mod receive;
mod refused;
mod rules;
mod status;
mod support;

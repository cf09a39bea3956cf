//! Receiving, and syncs of whole databases, through the public API. One test binary, small enough to build often.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod agreement;
mod cleanup;
mod conflicts;
mod convergence;
mod cut;
mod deep_check;
mod devices;
mod hostile;
mod on_conflict;
mod receive;
mod refused;
mod rules;
mod status;
mod support;

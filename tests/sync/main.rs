//! Receiving: what an app does with records that came from another device. One test binary, small enough to build often.

#![allow(clippy::unwrap_used, reason = "what a test cannot do without makes it fail")]

mod conflicts;
mod devices;
mod on_conflict;

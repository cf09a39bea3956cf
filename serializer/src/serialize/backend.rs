//! The items that a backend needs to implement [`SerializeStore`](super::SerializeStore) and its sources.
//!
//! These items can create a record that is in no table, so programs must not use them, and the crate `syncline` does
//! not export them.

pub use super::deletion_list::IdRange;
pub use super::failed_row::{LeaveOut, Refuse};
pub use super::key::Key;
pub use super::ledger::{Sweep, WrittenRows};
pub use super::leg::Leg;
pub use super::store::{Refused, StoredOrder, close};
pub use super::tasks::{Change, Draft, Respelt, Spans, StoredSpans, Update};
pub use super::ticket::Tickets;

//! The items that a backend needs to implement [`SerializeStore`](super::SerializeStore) and its sources.
//!
//! Programs have no use for them: with these, a record could be made that no table has. The crate `syncline` does not
//! export them.

pub use super::deletion_list::IdRange;
pub use super::failed_row::{LeaveOut, Refuse};
pub use super::key::Key;
pub use super::ledger::{Sweep, WrittenRows};
pub use super::store::{Refused, StoredOrder};
pub use super::tasks::{Change, Draft, Respelt, Spans, StoredSpans, Update};
pub use super::ticket::Tickets;

//! An app's own records: their tables, what tracks their changes, who each of them is, and one of them at a time.

mod access;
mod check;
pub(crate) mod columns;
mod identity;
mod tables;
mod triggers;
mod unique_keys;

pub use access::Access;
pub use check::Difference;
pub(crate) use check::check;
pub use identity::{Identity, InvalidRecord};
pub(crate) use tables::{create, track};

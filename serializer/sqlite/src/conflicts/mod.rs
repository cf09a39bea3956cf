//! Conflicts: the store keeps the texts that lost against a record's current text (morango.md §6.3, §11.4, Q16).

mod clear;
mod list;
mod resolve;

pub(crate) use clear::{clear, clear_all};
pub(crate) use list::find;
pub use list::{Conflicts, InConflict};
pub(crate) use resolve::{resolve, resolve_as};

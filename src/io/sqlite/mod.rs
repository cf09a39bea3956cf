//! Queries and statements of SQLite, by the crate `rusqlite`.

mod rows;
mod statement;

pub use rows::{FromRows, from_rows};
pub use statement::{ToStatement, TransactionIsOver, to_statement};

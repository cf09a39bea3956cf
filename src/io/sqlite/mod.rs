//! A source of query rows and a sink of statements for SQLite, which use the crate `rusqlite`.

mod rows;
mod statement;

pub use rows::{FromRows, from_rows};
pub use statement::{ToStatement, TransactionIsOver, to_statement};

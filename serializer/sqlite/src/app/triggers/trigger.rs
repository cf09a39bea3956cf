//! A trigger: its name, its SQL, and the statement by which its body rejects a row.

use crate::store::names::Literal;
pub(crate) use crate::store::names::TRIGGER_PREFIX as PREFIX;

/// A trigger: its name and its `CREATE TRIGGER` statement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trigger {
    pub(crate) name: String,
    pub(crate) sql: String,
}

/// A statement that aborts the outer statement with `message`. A `FROM` or `WHERE` clause may follow.
pub(crate) fn refuse(message: &str) -> String {
    format!("SELECT RAISE(ABORT, {})", Literal(&format!("syncline: {message}")))
}

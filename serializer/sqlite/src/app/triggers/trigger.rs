//! A trigger: its name, its SQL, and the statement by which its body rejects a row.

use crate::store::names::Literal;

/// The prefix of the triggers' names.
pub(crate) const PREFIX: &str = "syncline_";

/// A trigger: its name and its `CREATE TRIGGER` statement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trigger {
    pub(crate) name: String,
    pub(crate) sql: String,
}

impl Trigger {
    /// Returns `true` for an `AFTER` trigger with `RAISE(IGNORE)`. In a `BEFORE` trigger that only skips the change.
    pub(crate) fn skips_the_rest(&self) -> bool {
        let without_spaces: String = self.sql.split_whitespace().collect();
        let behind_the_name = self
            .sql
            .trim_start_matches("CREATE TRIGGER")
            .split_once(&*self.name)
            .map_or("", |(_, rest)| rest);
        let timing = behind_the_name.trim_start_matches(|character: char| !character.is_alphabetic());
        without_spaces.to_ascii_lowercase().contains("raise(ignore)")
            && timing.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("after"))
    }
}

/// A statement that aborts the outer statement with `message`. A `FROM` or `WHERE` clause may follow.
pub(crate) fn refuse(message: &str) -> String {
    format!("SELECT RAISE(ABORT, {})", Literal(&format!("syncline: {message}")))
}

//! Constraints on the columns of a synced table, as SQL for `CHECK` and for triggers.
//!
//! No peer could store a value that violates them, and one such row would stop every serialisation. They are the same
//! for every type of a field, so they can be a part of the table. The checks of the types are in
//! [`field_checks`](crate::app::field_checks). SQL cannot detect text that is not UTF-8. Serialising reports that, with
//! table, column and record.

use syncline_serializer::value::Check;

use crate::app::check_sql::{is_id, passes};
use crate::app::computed_ids::pending_id;
use crate::store::names::{Literal, Quoted};

/// A constraint on the values of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Constraint {
    pub(crate) column: &'static str,
    rule: Rule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The record's id, or the pending id that a trigger replaces. `NULL` is invalid, although SQLite allows it in a
    /// key.
    Id,
    /// The id of another record, or `NULL`.
    Reference,
    /// Text of at most this many characters and without a NUL, or `NULL`, for which there is another check.
    Text(usize),
    /// Any value except a blob, which has no JSON form.
    NoBlob,
}

impl Constraint {
    /// The constraint on `column`, which holds the record's id.
    pub(crate) const fn id(column: &'static str) -> Self {
        Self { column, rule: Rule::Id }
    }

    /// The constraint on `column`, which holds the id of another record.
    pub(crate) const fn reference(column: &'static str) -> Self {
        Self { column, rule: Rule::Reference }
    }

    /// The constraint on `column`, which holds text of at most `longest` characters.
    pub(crate) const fn text(column: &'static str, longest: usize) -> Self {
        Self { column, rule: Rule::Text(longest) }
    }

    /// The constraint on `column`, which holds any value with a JSON form.
    pub(crate) const fn no_blob(column: &'static str) -> Self {
        Self { column, rule: Rule::NoBlob }
    }

    /// The error message of a violation.
    pub(crate) fn message(self) -> String {
        format!("{} is {}", self.column, self.expected())
    }

    /// The values that pass, as the end of a sentence.
    pub(crate) fn expected(self) -> String {
        match self.rule {
            Rule::Id | Rule::Reference => Check::Id.to_string(),
            Rule::Text(longest) => format!("{} without a NUL", Check::Longest(longest)),
            Rule::NoBlob => Check::NoBlob.to_string(),
        }
    }

    /// The condition as SQL, with `prefix` before the column's name. It is never `NULL`.
    pub(crate) fn holds(self, prefix: &str) -> String {
        let value = format!("{prefix}{}", Quoted(self.column));
        match self.rule {
            Rule::Id => format!("{} OR {}", is_id(&value), pending_id::is_well_formed(&value)),
            Rule::Reference => format!("{value} IS NULL OR {}", is_id(&value)),
            Rule::Text(longest) => {
                format!("{value} IS NULL OR {} AND {}", fits(&value, longest), passes(Check::NoNul, &value))
            }
            Rule::NoBlob => passes(Check::NoBlob, &value),
        }
    }

    /// The condition for existing rows, which cannot have a pending id. A table that was tracked by an older version may
    /// contain a NUL, which serialising names.
    pub(crate) fn holds_for_good(self, prefix: &str) -> String {
        let value = format!("{prefix}{}", Quoted(self.column));
        match self.rule {
            Rule::Id => is_id(&value),
            Rule::Text(longest) => format!("{value} IS NULL OR {}", fits(&value, longest)),
            Rule::Reference | Rule::NoBlob => self.holds(prefix),
        }
    }

    /// The constraint as a part of `CREATE TABLE`.
    pub(crate) fn sql(self) -> String {
        format!("CONSTRAINT {} CHECK ({})", Quoted(&self.message()), self.holds(""))
    }

    /// Returns `true` if `sql`, which created the table, contains the constraint.
    pub(crate) fn is_in(self, sql: &str) -> bool {
        sql.contains(&self.sql())
    }

    /// The trigger statement that aborts with the message if the row `new` violates the constraint.
    pub(crate) fn or_refuse(self) -> String {
        let message = format!("syncline: {}", self.message());
        format!("SELECT RAISE(ABORT, {}) WHERE NOT ({})", Literal(&message), self.holds("new."))
    }
}

/// The condition that `value` is text of at most `longest` characters.
fn fits(value: &str, longest: usize) -> String {
    format!("{} AND {}", passes(Check::Text, value), passes(Check::Longest(longest), value))
}

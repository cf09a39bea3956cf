//! What a column of a table that syncs may hold, whoever writes it.
//!
//! No peer could take anything else, and one such row would keep all others from being serialised. Text that is not UTF-8 is
//! not among it: SQL cannot tell. That shows when it is serialised, which names table, column and record.

use syncline_serializer::identity::{LONGEST_PARTITION, LONGEST_SOURCE_ID};
use syncline_serializer::model::columns::{ID, PARTITION, SOURCE_ID};

use crate::app::interim;
use crate::app::tables::{Table, TableColumn};
use crate::store::names::{Literal, Quoted};

/// A rule for the values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) column: &'static str,
    rule: Rule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The record's id, or what stands in for it until a trigger has worked it out. A key may be `NULL` to SQLite; no id is no
    /// record.
    Id,
    /// The id of another record, or none.
    Reference,
    /// Text of at most so many characters, as `SQLite` counts them: up to a NUL. To look for one would make an insert an
    /// eighth dearer. None at all is another check's affair.
    Text(usize),
    /// Whatever has a JSON form, or may have one.
    NoBlob,
}

impl Check {
    /// That of `column` of `table`, if there is one.
    pub(crate) fn of(table: &Table, column: &TableColumn) -> Option<Self> {
        let name = column.declared.name;
        let rule = match name {
            ID => Rule::Id,
            SOURCE_ID => Rule::Text(LONGEST_SOURCE_ID),
            PARTITION => Rule::Text(LONGEST_PARTITION),
            _ if column.references.is_some() => Rule::Reference,
            _ if table.holds_blobs(name) || !table.syncs(name) => return None,
            _ => Rule::NoBlob,
        };
        Some(Self { column: name, rule })
    }

    /// What is said where it does not hold.
    pub(crate) fn message(self) -> String {
        let name = self.column;
        match self.rule {
            Rule::Id | Rule::Reference => format!("{name} is 32 lower-case hex digits"),
            Rule::Text(longest) => format!("{name} is text of at most {longest} characters"),
            Rule::NoBlob => format!("{name} is no blob"),
        }
    }

    /// The condition that the column holds what it may, its name behind `prefix`. It is never `NULL`.
    pub(crate) fn holds(self, prefix: &str) -> String {
        let value = format!("{prefix}{}", Quoted(self.column));
        match self.rule {
            Rule::Id => format!("{} OR {}", is_id(&value), interim::is_well_formed(&value)),
            Rule::Reference => format!("{value} IS NULL OR {}", is_id(&value)),
            Rule::Text(longest) => {
                format!("{value} IS NULL OR typeof({value}) = 'text' AND length({value}) <= {longest}")
            }
            Rule::NoBlob => format!("typeof({value}) <> 'blob'"),
        }
    }

    /// The same for rows that are there, past which no trigger comes any more.
    pub(crate) fn holds_for_good(self, prefix: &str) -> String {
        match self.rule {
            Rule::Id => is_id(&format!("{prefix}{}", Quoted(self.column))),
            Rule::Reference | Rule::Text(_) | Rule::NoBlob => self.holds(prefix),
        }
    }

    /// As a column of `CREATE TABLE` has it.
    pub(crate) fn constraint(self) -> String {
        format!("CONSTRAINT {} CHECK ({})", Quoted(&self.message()), self.holds(""))
    }

    /// Whether the table that `sql` made has it.
    pub(crate) fn is_in(self, sql: &str) -> bool {
        sql.contains(&self.constraint())
    }

    /// The statement that ends the one outside with a message where the row `new` fails.
    pub(crate) fn or_refuse(self) -> String {
        let message = format!("syncline: {}", self.message());
        format!("SELECT RAISE(ABORT, {}) WHERE NOT ({})", Literal(&message), self.holds("new."))
    }
}

/// The condition that the SQL `value` is the id of a record. It is never `NULL`.
pub(crate) fn is_id(value: &str) -> String {
    format!("typeof({value}) = 'text' AND length({value}) = 32 AND {value} NOT GLOB '*[^0-9a-f]*'")
}

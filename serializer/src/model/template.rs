//! Templates for partitions and source ids: they build a text from a record's columns.

use std::fmt;

use crate::invalid_record::InvalidRecord;
use crate::model::columns::ID;
use crate::value::StoredValue;

/// The placeholder for the record's own id, in a partition that is hashed to compute that id (morango.md §1.3).
pub const OWN_ID: &str = "${id}";

/// A text with placeholders for a record's columns: `{notebook_id}:notes`.
///
/// A pair of braces contains a column, and behind a `|` the text for `NULL`: `{user_id|nobody}`. The column must hold
/// text or an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    pieces: &'static [TemplatePiece],
}

/// One piece of a [`Template`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplatePiece {
    /// Literal text.
    Text(&'static str),
    /// A placeholder for a column's value.
    Column {
        /// The name of the column.
        name: &'static str,
        /// The text for `NULL`.
        when_null: Option<&'static str>,
    },
}

impl Template {
    /// Called by derived code.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(pieces: &'static [TemplatePiece]) -> Self {
        Self { pieces }
    }

    /// The pieces in order.
    #[must_use]
    pub const fn pieces(&self) -> &'static [TemplatePiece] {
        self.pieces
    }

    /// The columns in the template, without the record's own id.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.pieces.iter().filter_map(|piece| match piece {
            TemplatePiece::Column { name, .. } if *name != ID => Some(*name),
            TemplatePiece::Column { .. } | TemplatePiece::Text(_) => None,
        })
    }

    /// Returns `true` if the template consists of the record's own id alone.
    #[must_use]
    pub fn is_own_id(&self) -> bool {
        matches!(self.pieces, [TemplatePiece::Column { name: ID, .. }])
    }

    /// Returns `true` if the template consists of one column without a text for `NULL`.
    #[must_use]
    pub fn is_one_column(&self) -> bool {
        matches!(self.pieces, [TemplatePiece::Column { when_null: None, .. }])
    }

    /// The columns that have no text for `NULL`, without the record's own id.
    pub fn required_columns(&self) -> impl Iterator<Item = &'static str> {
        self.pieces.iter().filter_map(|piece| match piece {
            TemplatePiece::Column { name, when_null: None } if *name != ID => Some(*name),
            TemplatePiece::Column { .. } | TemplatePiece::Text(_) => None,
        })
    }

    /// Builds the text. `value` returns the value of a column; the record's own id becomes [`OWN_ID`].
    ///
    /// # Errors
    ///
    /// If `value` fails, or a column holds `NULL` and has no text for it, or holds a real number or a blob.
    pub fn fill<'r>(
        &self,
        value: impl Fn(&'static str) -> Result<StoredValue<'r>, InvalidRecord>,
    ) -> Result<String, InvalidRecord> {
        let mut text = String::new();
        for piece in self.pieces {
            match piece {
                TemplatePiece::Text(piece) => text.push_str(piece),
                TemplatePiece::Column { name: ID, .. } => text.push_str(OWN_ID),
                TemplatePiece::Column { name, when_null } => match (value(name)?, when_null) {
                    (StoredValue::Text(piece), _) => text.push_str(&piece),
                    (StoredValue::Integer(number), _) => text.push_str(&number.to_string()),
                    (StoredValue::Null, Some(piece)) => text.push_str(piece),
                    (StoredValue::Null, None) => return Err(InvalidRecord::Missing { column: name }),
                    (StoredValue::Real(_) | StoredValue::Blob(_), _) => {
                        return Err(InvalidRecord::Unfit { column: name });
                    }
                },
            }
        }
        Ok(text)
    }
}

/// Prints the template as declared, with column names instead of field names.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.pieces {
            match piece {
                TemplatePiece::Text(text) => f.write_str(text)?,
                TemplatePiece::Column { name, when_null: None } => write!(f, "{{{name}}}")?,
                TemplatePiece::Column { name, when_null: Some(text) } => write!(f, "{{{name}|{text}}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Template, TemplatePiece};
    use crate::invalid_record::InvalidRecord;
    use crate::value::StoredValue;

    const TEMPLATE: Template = Template::new(&[
        TemplatePiece::Column { name: "dataset_id", when_null: None },
        TemplatePiece::Text(":it's:"),
        TemplatePiece::Column { name: "user_id", when_null: Some("nobody") },
        TemplatePiece::Text(":"),
        TemplatePiece::Column { name: "level", when_null: None },
    ]);

    fn text(text: &'static str) -> StoredValue<'static> {
        StoredValue::Text(text.into())
    }

    fn fill(user: &StoredValue<'static>, level: &StoredValue<'static>) -> Result<String, InvalidRecord> {
        TEMPLATE.fill(|name| match name {
            "dataset_id" => Ok(text("d1")),
            "user_id" => Ok(user.clone()),
            "level" => Ok(level.clone()),
            _ => Ok(StoredValue::Null),
        })
    }

    #[test]
    fn columns_are_put_in() {
        assert_eq!(fill(&text("u1"), &StoredValue::Integer(-3)).unwrap(), "d1:it's:u1:-3");
        assert_eq!(fill(&StoredValue::Null, &text("x")).unwrap(), "d1:it's:nobody:x");
        assert_eq!(fill(&text("u1"), &StoredValue::Null), Err(InvalidRecord::Missing { column: "level" }));
        assert_eq!(fill(&text("u1"), &StoredValue::Real(1.0)), Err(InvalidRecord::Unfit { column: "level" }));
        assert_eq!(TEMPLATE.to_string(), "{dataset_id}:it's:{user_id|nobody}:{level}");
    }
}

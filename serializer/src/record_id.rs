//! Record ids: 32 lower-case hex digits (morango.md §1.1 to §1.3).

use std::fmt;

use crate::json;
use crate::value::{ColumnValue, FieldValue, InvalidValue};

/// The id of a record: a UUID, written as 32 lower-case hex digits without hyphens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId([u8; 32]);

impl RecordId {
    /// The 32 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a record id is made of hex digits")
    }

    /// Reads what Python's `uuid.UUID` reads: hex digits in either case, with or without hyphens, braces or a
    /// `urn:uuid:` in front.
    ///
    /// # Errors
    ///
    /// When what is left is not 32 hex digits.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let mut digits = [0; 32];
        let mut length = 0;
        for digit in text.bytes().filter(|byte| *byte != b'-') {
            if length == 32 || !digit.is_ascii_hexdigit() {
                return Err(InvalidValue::new(format!("`{text}` is not a UUID")));
            }
            digits[length] = digit.to_ascii_lowercase();
            length += 1;
        }
        if length == 32 {
            Ok(Self(digits))
        } else {
            Err(InvalidValue::new(format!("`{text}` is not a UUID")))
        }
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({})", self.as_str())
    }
}

impl FieldValue for RecordId {
    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Text(text) => Self::parse(text),
            other => Err(InvalidValue::expected("a UUID", other)),
        }
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        match value {
            ColumnValue::Null => json.push_str("null"),
            value => json::write_string(json, Self::read(value)?.as_str()),
        }
        Ok(())
    }
}

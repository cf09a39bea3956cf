//! Django's `UUIDField`.

use std::fmt::{self, Write};

use syncline::{ColumnType, ColumnValue, FieldValue, InvalidValue, RecordId, StoredValue};

/// A UUID in a field of Django's own: stored like any [`RecordId`], and synced with hyphens in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HyphenatedUuid(pub RecordId);

impl FieldValue for HyphenatedUuid {
    const COLUMN_TYPE: ColumnType = ColumnType::Uuid;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        RecordId::read(value).map(Self)
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Text(self.0.as_str().into()))
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        let _ = match value {
            ColumnValue::Null => json.write_str("null"),
            value => write!(json, "\"{}\"", Self::read(value)?),
        };
        Ok(())
    }
}

/// With hyphens: `01234567-89ab-cdef-0123-456789abcdef`.
impl fmt::Display for HyphenatedUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.as_str();
        f.write_str(&digits[..8])?;
        for (start, end) in [(8, 12), (12, 16), (16, 20), (20, 32)] {
            f.write_char('-')?;
            f.write_str(&digits[start..end])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: ColumnValue<'_>, expected: &str) {
        let mut json = String::new();
        HyphenatedUuid::write_json(value, &mut json).unwrap();
        assert_eq!(json, expected);
    }

    #[test]
    fn hyphens_are_put_in() {
        check(
            ColumnValue::Text("0123456789ABCDEF0123456789abcdef"),
            "\"01234567-89ab-cdef-0123-456789abcdef\"",
        );
        check(ColumnValue::Null, "null");
    }
}

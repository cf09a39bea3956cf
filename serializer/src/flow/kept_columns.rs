//! What an update leaves alone in the store, and Morango reads and saves again.
//!
//! Morango loads a row of the store whole and saves it whole (morango.md §6.3). So a value that one of its fields cannot
//! read ends its run, though nothing asks for that value; and bytes where text belongs are saved as Python prints them.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::error::InvalidColumn;
use crate::record_id::RecordId;
use crate::sqlite_row::column_value;
use crate::value::{ColumnValue, InvalidValue};

/// A column that holds bytes where text belongs, and the text that is saved for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Respelt {
    /// The column.
    pub column: &'static str,
    /// Its text: the bytes as Python prints them, `b'..'`.
    pub text: String,
}

/// What a column must hold for Morango to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Uuid,
    /// Anything, but that an empty value is read as `NULL`, which may not be saved.
    Flag,
    /// Anything, as long as it can be read: it is about to be overwritten.
    Number,
}

const COLUMNS: [(&str, Kind); 11] = [
    ("conflicting_serialized_data", Kind::Text),
    ("model_name", Kind::Text),
    ("profile", Kind::Text),
    ("partition", Kind::Text),
    ("source_id", Kind::Text),
    ("deserialization_exception", Kind::Text),
    ("deserialization_error", Kind::Text),
    ("last_saved_instance", Kind::Uuid),
    ("last_transfer_session_id", Kind::Uuid),
    ("last_saved_counter", Kind::Number),
    ("dirty_bit", Kind::Flag),
];

/// The columns, as a query selects them: `conflicting_serialized_data` before all others.
pub(crate) fn selected() -> String {
    COLUMNS.map(|(column, _)| column).join(", ")
}

/// Checks the columns of `row`, which stand in it from `first` on. Returns those that are saved otherwise than they are.
pub(crate) fn check(row: &Row<'_>, first: usize, record: &RecordId) -> Result<Vec<Respelt>, InvalidColumn> {
    let mut respelt = Vec::new();
    for (index, (column, kind)) in COLUMNS.into_iter().enumerate() {
        let checked = match row.get_ref(first + index) {
            Err(error) => Err(InvalidValue::new(error.to_string())),
            Ok(ValueRef::Text([]) | ValueRef::Blob([])) if kind == Kind::Flag => {
                Err(InvalidValue::new("expected a flag, found an empty value"))
            }
            Ok(_) if kind == Kind::Flag => Ok(()),
            Ok(value) => column_value(value).and_then(|value| match (kind, value) {
                (Kind::Text, ColumnValue::Blob(bytes)) => {
                    respelt.push(Respelt { column, text: as_python_prints(bytes) });
                    Ok(())
                }
                (Kind::Uuid, ColumnValue::Text(text)) => RecordId::parse(text).map(drop),
                (Kind::Uuid, other @ ColumnValue::Blob(_)) => Err(InvalidValue::expected("a UUID", other)),
                _ => Ok(()),
            }),
        };
        checked.map_err(|source| InvalidColumn {
            table: "morango_store",
            column,
            record: record.to_string(),
            source,
        })?;
    }
    Ok(respelt)
}

/// What Python's `str` gives for `bytes`.
pub(crate) fn as_python_prints(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut text = format!("b{quote}");
    for byte in bytes {
        match char::from(*byte) {
            same if same == quote => text.extend(['\\', quote]),
            other @ ('\'' | '"') => text.push(other),
            _ => text.extend(byte.escape_ascii().map(char::from)),
        }
    }
    text.push(quote);
    text
}

#[cfg(test)]
mod tests {
    use super::as_python_prints;

    /// Each as `str` of Python 3.11 has it.
    #[test]
    fn bytes_are_printed_as_python_prints_them() {
        for (bytes, printed) in [
            (&b""[..], "b''"),
            (b"\x00\xff a~\x7f", r"b'\x00\xff a~\x7f'"),
            (b"\t\n\r\x0b\\", r"b'\t\n\r\x0b\\'"),
            (b"it's", "b\"it's\""),
            (b"\"", "b'\"'"),
            (b"'\"", "b'\\'\"'"),
        ] {
            assert_eq!(as_python_prints(bytes), printed);
        }
    }
}

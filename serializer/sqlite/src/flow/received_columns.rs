//! The columns of a store row that an update must check or preserve as Morango does.
//!
//! Morango reads and writes a store row as a whole. So a value that one of its fields cannot read fails its run,
//! although the value is not used; and bytes instead of text are saved as Python prints them.

use std::sync::LazyLock;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use syncline_core::Failure;
use syncline_serializer::model::InvalidColumn;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::backend::Respelt;
use syncline_serializer::value::{ColumnValue, InvalidValue};

use crate::sqlite_row::column_value;
use crate::store::prepared::Prepared;

/// The kind of value that Morango can read from a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// The texts of a conflict, to which another one is to be added.
    Conflict,
    Uuid,
    /// Any value, except an empty one: Morango reads it as `NULL`, which cannot be saved.
    Flag,
    /// Any value that can be read, because it is overwritten.
    Number,
}

/// The condition that nearly every row meets: saved last by this instance (`?3`) as a record of this profile (`?2`),
/// without traces of a transfer or a conflict. Only the [`NAMES`] of such a row are checked.
pub(crate) const IS_USUAL: &str = "profile = ?2 AND last_saved_instance = ?3 AND dirty_bit = 0 \
     AND last_transfer_session_id IS NULL AND conflicting_serialized_data = '' AND deserialization_error IS NULL \
     AND deserialization_exception IS NULL AND typeof(last_saved_counter) = 'integer'";

/// The columns that differ from record to record.
pub(crate) const NAMES: [&str; 3] = ["model_name", "partition", "source_id"];

const COLUMNS: [(&str, Kind); 11] = [
    ("conflicting_serialized_data", Kind::Conflict),
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

/// The values of a row that are preserved.
#[derive(Debug, Default)]
pub(crate) struct Preserved {
    /// The texts of an earlier conflict, if the row was received and not yet applied to the app.
    pub(crate) conflicting: Option<String>,
    /// `true` if the row has traces of a transfer.
    pub(crate) was_received: bool,
    pub(crate) respelt: Vec<Respelt>,
}

/// The statements that read and check the columns of a row.
#[derive(Debug)]
pub(crate) struct ReceivedColumns<'c> {
    statement: Prepared<'c>,
}

impl<'c> ReceivedColumns<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        static SQL: LazyLock<String> = LazyLock::new(|| {
            let columns = COLUMNS.map(|(column, _)| column).join(", ");
            format!(
                "SELECT {columns}, dirty_bit = 1, dirty_bit IS NOT 0 OR last_transfer_session_id IS NOT NULL \
                 FROM morango_store WHERE rowid = ?1"
            )
        });

        Self { statement: Prepared::new(connection, SQL.as_str()) }
    }

    /// Reads the preserved values of the row at `rowid`, which belongs to `record`.
    pub(crate) fn read(&mut self, rowid: i64, record: &RecordId) -> Result<Preserved, Failure> {
        let read = |row: &Row<'_>| -> rusqlite::Result<Result<Preserved, InvalidColumn>> {
            let is_in_conflict: Option<bool> = row.get(COLUMNS.len())?;
            let was_received = row.get(COLUMNS.len() + 1)?;
            let checked = check(row, is_in_conflict == Some(true), record);
            Ok(checked.map(|(conflicting, respelt)| Preserved { conflicting, was_received, respelt }))
        };
        Ok(self.statement.get()?.query_row([rowid], read)??)
    }
}

/// Checks the columns of `row`. Returns the texts of a conflict, and the columns that are saved with another value.
fn check(
    row: &Row<'_>,
    is_in_conflict: bool,
    record: &RecordId,
) -> Result<(Option<String>, Vec<Respelt>), InvalidColumn> {
    let (mut conflicting, mut respelt) = (None, Vec::new());
    for (index, (column, kind)) in COLUMNS.into_iter().enumerate() {
        let checked = match row.get_ref(index) {
            Err(error) => Err(InvalidValue::new(error.to_string())),
            Ok(ValueRef::Text([]) | ValueRef::Blob([])) if kind == Kind::Flag => {
                Err(InvalidValue::new("expected a flag, found an empty value"))
            }
            Ok(_) if kind == Kind::Flag => Ok(()),
            Ok(value) => column_value(value).in_utf8().and_then(|value| match (kind, value) {
                (Kind::Conflict, ColumnValue::Text(text)) if is_in_conflict => {
                    conflicting = Some(text.to_owned());
                    Ok(())
                }
                (Kind::Conflict, other) if is_in_conflict => Err(InvalidValue::expected("text", other)),
                (Kind::Text | Kind::Conflict, ColumnValue::Blob(bytes)) => {
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
    Ok((conflicting, respelt))
}

/// The result of Python's `str` for `bytes`.
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

    /// The results of `str` in Python 3.11.
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

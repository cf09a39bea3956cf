//! The columns of a row that an update preserves although Morango rewrites them.
//!
//! Morango loads a row of the store whole and saves it whole. So a value that one of its fields cannot read ends its run,
//! though nothing asks for that value; and bytes where text belongs are saved as Python prints them.

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

/// The kind of value that a column must hold for Morango to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// Texts of a conflict, to which another is to be joined.
    Conflict,
    Uuid,
    /// Anything, but that an empty value is read as `NULL`, which may not be saved.
    Flag,
    /// Anything, as long as it can be read: it is about to be overwritten.
    Number,
}

/// The condition that nearly every row meets: saved last by this instance (`?3`) as a record of this profile (`?2`), with nothing of a
/// transfer or a conflict. All that is left to check of such a row are its [`NAMES`].
pub(crate) const IS_USUAL: &str = "profile = ?2 AND last_saved_instance = ?3 AND dirty_bit = 0 \
     AND last_transfer_session_id IS NULL AND conflicting_serialized_data = '' AND deserialization_error IS NULL \
     AND deserialization_exception IS NULL AND typeof(last_saved_counter) = 'integer'";

/// Columns that differ from record to record.
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
    /// Where it was received and not yet given to the app: the texts that it conflicted with before.
    pub(crate) conflicting: Option<String>,
    /// `true` if it has traces of having been received.
    pub(crate) was_received: bool,
    pub(crate) respelt: Vec<Respelt>,
}

/// Reads and checks the columns of a row.
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

    /// The preserved values of the row at `rowid`, which is `record`'s.
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

/// Checks the columns of `row`. Returns the texts of a conflict, and what is saved otherwise than it is.
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

/// The text that Python's `str` gives for `bytes`.
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

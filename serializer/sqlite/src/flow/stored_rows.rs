//! The look-up of the store rows of a chunk of records.

use std::sync::{Arc, LazyLock};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Statement};
use syncline_core::Failure;
use syncline_serializer::model::InvalidColumn;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::backend::{Respelt, StoredSpans};
use syncline_serializer::serialize::{Loaded, Stored};
use syncline_serializer::value::{ColumnValue, InvalidValue};

use crate::flow::received_columns::{self, Preserved, ReceivedColumns};
use crate::sqlite_row::column_value;

/// Reads the store rows of `records`, in their order. A row that cannot be used has an error in its place.
pub(super) fn read(
    connection: &Connection,
    profile: &str,
    instance: &str,
    records: &[&Loaded],
) -> Result<Vec<Result<Option<Stored>, Failure>>, Failure> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT rowid, serialized, _self_ref_fk, {}, {} FROM morango_store WHERE id = ?1",
            received_columns::IS_USUAL,
            received_columns::NAMES.join(", ")
        )
    });

    let mut find = connection.prepare_cached(&SQL)?;
    find.raw_bind_parameter(2, profile)?;
    find.raw_bind_parameter(3, instance)?;
    let mut received = ReceivedColumns::new(connection);
    let (mut page, mut rows) = (Page::default(), Vec::with_capacity(records.len()));
    for record in records {
        let found = match page.find(&mut find, &mut received, record.id_ref()) {
            Err(failure) if !failure.source().is::<InvalidColumn>() => return Err(failure.at(record.id())),
            found => found,
        };
        page.rows.push(found);
        if page.is_full() {
            page.empty_into(&mut rows);
        }
    }
    page.empty_into(&mut rows);
    Ok(rows)
}

/// Rows whose texts are being collected in one string. When it is full, they share one allocation.
#[derive(Debug, Default)]
struct Page {
    text: String,
    rows: Vec<Result<Option<Found>, Failure>>,
}

/// A store row without its text.
#[derive(Debug)]
struct Found {
    rowid: i64,
    was_received: bool,
    spans: StoredSpans,
    respelt: Vec<Respelt>,
}

impl Found {
    fn with(self, text: Arc<str>) -> Stored {
        let Self { rowid, was_received, spans, respelt } = self;
        Stored::new(rowid, was_received, text, spans, respelt)
    }
}

impl Page {
    /// The limit of rows. It is small, so that a text is freed soon after its merge.
    const ROWS: usize = 25;

    /// The limit of bytes.
    const BYTES: usize = 128 * 1024;

    fn is_full(&self) -> bool {
        self.rows.len() >= Self::ROWS || self.text.len() >= Self::BYTES
    }

    // One query for each id: in a database in the same process, a list of ids would save nothing.
    fn find(
        &mut self,
        statement: &mut Statement<'_>,
        kept: &mut ReceivedColumns<'_>,
        id: &RecordId,
    ) -> Result<Option<Found>, Failure> {
        let start = self.text.len();
        let found = self.read(statement, kept, id);
        if found.is_err() {
            self.text.truncate(start);
        }
        found
    }

    fn read(
        &mut self,
        statement: &mut Statement<'_>,
        kept: &mut ReceivedColumns<'_>,
        id: &RecordId,
    ) -> Result<Option<Found>, Failure> {
        statement.raw_bind_parameter(1, id.as_str())?;
        let mut rows = statement.raw_query();
        let Some(row) = rows.next()? else { return Ok(None) };
        let rowid = row.get(0)?;
        let Preserved { conflicting, was_received, mut respelt } =
            if is_usual(row)? { Preserved::default() } else { kept.read(rowid, id)? };
        let invalid = |column, source| {
            Failure::new(InvalidColumn { table: "morango_store", column, record: id.to_string(), source })
        };
        let serialized = match row.get_ref(1)? {
            // Python reads JSON from bytes too, but cannot add bytes to the texts of a conflict.
            ValueRef::Blob(bytes) if conflicting.is_none() => json_of_bytes(bytes),
            value => text(value),
        };
        let start = self.text.len();
        self.text.push_str(serialized.map_err(|source| invalid("serialized", source))?);
        let parent = self.text.len();
        match row.get_ref(2)? {
            ValueRef::Blob(bytes) => {
                let printed = received_columns::as_python_prints(bytes);
                self.text.push_str(&printed);
                respelt.push(Respelt { column: "_self_ref_fk", text: printed });
            }
            value => self.text.push_str(text(value).map_err(|source| invalid("_self_ref_fk", source))?),
        }
        let conflicting_at = self.text.len();
        self.text.push_str(conflicting.as_deref().unwrap_or_default());
        let is_in_conflict = conflicting.is_some();
        let spans =
            StoredSpans { start, parent, conflicting: conflicting_at, end: self.text.len(), is_in_conflict };
        Ok(Some(Found { rowid, was_received, spans, respelt }))
    }

    /// Returns the rows and starts again.
    fn empty_into(&mut self, rows: &mut Vec<Result<Option<Stored>, Failure>>) {
        let text: Arc<str> = Arc::from(self.text.as_str());
        let with_text = |found: Found| found.with(Arc::clone(&text));
        rows.extend(self.rows.drain(..).map(|found| found.map(|found| found.map(with_text))));
        if self.text.capacity() > 2 * Self::BYTES {
            // Such a large text is rare, so its memory is freed.
            self.text = String::new();
        }
        self.text.clear();
    }
}

/// Returns `true` if the preserved columns of a row have usual values.
fn is_usual(row: &Row<'_>) -> rusqlite::Result<bool> {
    const FIRST_NAME: usize = 4;

    let mut is_usual = row.get::<_, Option<bool>>(3)?.unwrap_or_default();
    for name in FIRST_NAME..FIRST_NAME + received_columns::NAMES.len() {
        is_usual &= matches!(column_value(row.get_ref(name)?), ColumnValue::Text(_));
    }
    Ok(is_usual)
}

fn text(value: ValueRef<'_>) -> Result<&str, InvalidValue> {
    match column_value(value) {
        ColumnValue::Text(text) => Ok(text),
        other => Err(InvalidValue::expected("text", other)),
    }
}

/// The text in `bytes`, without a byte order mark.
fn json_of_bytes(bytes: &[u8]) -> Result<&str, InvalidValue> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(text) {
        // An empty text is read as an empty object. An empty blob is an invalid value like any other blob.
        Ok("") | Err(_) => Err(InvalidValue::new("expected text, found a blob")),
        Ok(text) => Ok(text),
    }
}

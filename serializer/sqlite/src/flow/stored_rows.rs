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
use crate::flow::text_page::TextPage;
use crate::sqlite_row::column_value;

/// Reads the store rows of `records`, in their order. A row that cannot be used has an error in its place.
///
/// `has_hard_deletions` is `true` if the list of hard deletions has ids of the profile. Usually it has none, and then it
/// is not searched for each record.
pub(super) fn read(
    connection: &Connection,
    profile: &str,
    instance: &str,
    has_hard_deletions: bool,
    records: &[&Loaded],
) -> Result<Vec<Result<Option<Stored>, Failure>>, Failure> {
    static SQL: LazyLock<String> = LazyLock::new(|| sql("0"));
    static WITH_HARD_DELETIONS: LazyLock<String> = LazyLock::new(|| {
        sql(
            "EXISTS (SELECT 1 FROM morango_harddeletedmodels AS hard WHERE hard.id = ?1 AND hard.profile = ?2)",
        )
    });

    let mut find = connection.prepare_cached(if has_hard_deletions { &WITH_HARD_DELETIONS } else { &SQL })?;
    find.raw_bind_parameter(2, profile)?;
    find.raw_bind_parameter(3, instance)?;
    let mut received = ReceivedColumns::new(connection);
    let (mut page, mut rows) = (TextPage::with_room(ROOM), Vec::with_capacity(records.len()));
    let with_text = |row: Result<Option<Found>, Failure>, text: &Arc<str>| {
        row.map(|found| found.map(|found| found.with(Arc::clone(text))))
    };
    for record in records {
        // One query for each id: in a database in the same process, a list of ids would save nothing.
        let row = match page.append(|page| found(&mut find, &mut received, record.id_ref(), page)) {
            Err(failure) if !failure.source().is::<InvalidColumn>() => return Err(failure.at(record.id())),
            row => row,
        };
        page.push(row);
        if page.is_full() {
            page.empty_into(&mut rows, with_text);
        }
    }
    page.empty_into(&mut rows, with_text);
    Ok(rows)
}

/// The query for the row of an id. `starts_anew` is the condition that its record was hard deleted and made again.
fn sql(starts_anew: &str) -> String {
    format!(
        "SELECT rowid, serialized, _self_ref_fk, {}, {}, {starts_anew} FROM morango_store WHERE id = ?1",
        received_columns::IS_USUAL,
        received_columns::NAMES.join(", ")
    )
}

/// The usual size of the texts of a page, in bytes.
const ROOM: usize = 16 * 1024;

/// A store row without its text.
#[derive(Debug)]
struct Found {
    rowid: i64,
    was_received: bool,
    spans: StoredSpans,
    respelt: Vec<Respelt>,
    starts_anew: bool,
}

impl Found {
    fn with(self, text: Arc<str>) -> Stored {
        let Self { rowid, was_received, spans, respelt, starts_anew } = self;
        Stored::new(rowid, was_received, text, spans, respelt).starting_anew(starts_anew)
    }
}

/// Reads one row, and appends its texts to `page`.
fn found(
    find: &mut Statement<'_>,
    received: &mut ReceivedColumns<'_>,
    id: &RecordId,
    page: &mut String,
) -> Result<Option<Found>, Failure> {
    find.raw_bind_parameter(1, id.as_str())?;
    let mut rows = find.raw_query();
    let Some(row) = rows.next()? else { return Ok(None) };
    let rowid = row.get(0)?;
    let Preserved { conflicting, was_received, mut respelt } =
        if is_usual(row)? { Preserved::default() } else { received.read(rowid, id)? };
    let invalid = |column, source| {
        Failure::new(InvalidColumn { table: "morango_store", column, record: id.to_string(), source })
    };
    let serialized = match row.get_ref(1)? {
        // Python reads JSON from bytes too, but cannot add bytes to the texts of a conflict.
        ValueRef::Blob(bytes) if conflicting.is_none() => json_of_bytes(bytes),
        value => text(value),
    };
    let start = page.len();
    page.push_str(serialized.map_err(|source| invalid("serialized", source))?);
    let parent = page.len();
    match row.get_ref(2)? {
        ValueRef::Blob(bytes) => {
            let printed = received_columns::as_python_prints(bytes);
            page.push_str(&printed);
            respelt.push(Respelt { column: "_self_ref_fk", text: printed });
        }
        value => page.push_str(text(value).map_err(|source| invalid("_self_ref_fk", source))?),
    }
    let conflicting_at = page.len();
    page.push_str(conflicting.as_deref().unwrap_or_default());
    let is_in_conflict = conflicting.is_some();
    let spans = StoredSpans { start, parent, conflicting: conflicting_at, end: page.len(), is_in_conflict };
    let starts_anew = row.get(FIRST_NAME + received_columns::NAMES.len())?;
    Ok(Some(Found { rowid, was_received, spans, respelt, starts_anew }))
}

/// The index of the first of the columns [`received_columns::NAMES`].
const FIRST_NAME: usize = 4;

/// Returns `true` if the preserved columns of a row have usual values.
fn is_usual(row: &Row<'_>) -> rusqlite::Result<bool> {
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

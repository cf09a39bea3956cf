//! Stage: looks up the rows of the store.

use std::cell::Cell;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Row, Statement};
use syncline_core::{Failure, Halt, Transform, Yield};

use crate::flow::kept_columns::{self, Kept, KeptColumns, Respelt};
use crate::flow::left_out::LeaveOut;
use crate::flow::tasks::StoredSpans;
use crate::flow::{Loaded, LookedUp, Stored, SyncTransaction};
use crate::sqlite_row::column_value;
use crate::store::prepared::Prepared;
use syncline_serializer::instance::Stamp;
use syncline_serializer::model::InvalidColumn;
use syncline_serializer::model::Profile;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::{ColumnValue, InvalidValue};

/// Stage that looks up the store's rows of a chunk of records (morango.md §6.2).
///
/// * Shape: a chunk in, the same records with what the store has of them out.
/// * Memory: the stored texts of a chunk.
/// * A record whose stored row cannot be read fails the run, or is left out of the chunk, where the run allows that.
#[derive(Debug)]
pub struct StoreLookup<'c> {
    stored: Prepared<'c>,
    kept: KeptColumns<'c>,
    stamp: &'c Stamp,
    profile: &'static str,
    store_is_empty: &'c Cell<bool>,
    /// `true` if the store had no row when the first chunk came: then only rows of this flow are in it.
    has_nothing: Option<bool>,
    left_out: &'c dyn LeaveOut,
    page: Page,
}

impl<'c> StoreLookup<'c> {
    /// A look-up in the store that `run` writes to.
    #[must_use]
    pub fn new<P: Profile>(run: &'c SyncTransaction<'_, P>) -> Self {
        let stored = format!(
            "SELECT rowid, serialized, _self_ref_fk, {}, {} FROM morango_store WHERE id = ?1",
            kept_columns::IS_USUAL,
            kept_columns::NAMES.join(", ")
        );
        Self {
            stored: Prepared::new(run.connection(), stored),
            kept: KeptColumns::new(run.connection()),
            stamp: run.stamp(),
            profile: P::NAME,
            store_is_empty: run.store_is_empty(),
            has_nothing: None,
            left_out: run.left_out(),
            page: Page::default(),
        }
    }
}

/// Records whose stored texts are still growing, one behind the other. Once it is full, they share one allocation.
#[derive(Debug, Default)]
struct Page {
    text: String,
    rows: Vec<(Loaded, Option<Found>)>,
}

/// A row of the store, but for its text.
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
        Stored::in_page(rowid, was_received, text, spans, respelt)
    }
}

impl Page {
    /// Few, so that a text is not kept much longer than until it is merged.
    const ROWS: usize = 25;

    /// Or bytes of text.
    const BYTES: usize = 128 * 1024;

    fn is_full(&self) -> bool {
        self.rows.len() >= Self::ROWS || self.text.len() >= Self::BYTES
    }

    // A point query each: on a database in the same process a list of ids saves nothing.
    fn find(
        &mut self,
        statement: &mut Statement<'_>,
        kept: &mut KeptColumns<'_>,
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
        kept: &mut KeptColumns<'_>,
        id: &RecordId,
    ) -> Result<Option<Found>, Failure> {
        statement.raw_bind_parameter(1, id.as_str())?;
        let mut rows = statement.raw_query();
        let Some(row) = rows.next()? else { return Ok(None) };
        let rowid = row.get(0)?;
        let Kept { conflicting, was_received, mut respelt } =
            if is_usual(row)? { Kept::default() } else { kept.read(rowid, id)? };
        let invalid = |column, source| {
            Failure::new(InvalidColumn { table: "morango_store", column, record: id.to_string(), source })
        };
        let serialized = match row.get_ref(1)? {
            // Python reads JSON out of bytes too, but does not join them to the texts of a conflict.
            ValueRef::Blob(bytes) if conflicting.is_none() => json_of_bytes(bytes),
            value => text(value),
        };
        let start = self.text.len();
        self.text.push_str(serialized.map_err(|source| invalid("serialized", source))?);
        let parent = self.text.len();
        match row.get_ref(2)? {
            ValueRef::Blob(bytes) => {
                let printed = kept_columns::as_python_prints(bytes);
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

    /// Hands the records over, and begins again.
    fn empty_into(&mut self, records: &mut Vec<LookedUp>) {
        let text: Arc<str> = Arc::from(self.text.as_str());
        records.extend(self.rows.drain(..).map(|(loaded, found)| {
            let stored = found.map(|found| found.with(Arc::clone(&text)));
            LookedUp { loaded, stored, self_ref_order: None }
        }));
        if self.text.capacity() > 2 * Self::BYTES {
            // A text as large as that need not come again.
            self.text = String::new();
        }
        self.text.clear();
    }
}

/// Whether nothing is odd about the columns of a row that are kept.
fn is_usual(row: &Row<'_>) -> rusqlite::Result<bool> {
    const FIRST_NAME: usize = 4;

    let mut is_usual = row.get::<_, Option<bool>>(3)?.unwrap_or_default();
    for name in FIRST_NAME..FIRST_NAME + kept_columns::NAMES.len() {
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

/// The text in `bytes`, without the byte order mark that it may begin with.
fn json_of_bytes(bytes: &[u8]) -> Result<&str, InvalidValue> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(text) {
        // An empty text reads as an empty object; no bytes at all are a blob like another.
        Ok("") | Err(_) => Err(InvalidValue::new("expected text, found a blob")),
        Ok(text) => Ok(text),
    }
}

impl StoreLookup<'_> {
    /// Looks up one row, which this transaction may have written itself.
    pub(crate) fn one(&mut self, id: RecordId) -> Result<Option<Stored>, Failure> {
        let find = self.stored.get()?;
        find.raw_bind_parameter(2, self.profile)?;
        find.raw_bind_parameter(3, &self.stamp.instance)?;
        let found = self.page.find(find, &mut self.kept, &id).map_err(|failure| failure.at(id))?;
        let text = std::mem::take(&mut self.page.text).into();
        Ok(found.map(|found| found.with(text)))
    }
}

impl Transform for StoreLookup<'_> {
    type In = Vec<Loaded>;
    type Out = Vec<LookedUp>;

    const YIELD: Yield = Yield::One;

    fn transform(&mut self, chunk: Vec<Loaded>) -> Result<Option<Vec<LookedUp>>, Halt> {
        let mut looked_up = Vec::with_capacity(chunk.len());
        if *self.has_nothing.get_or_insert_with(|| self.store_is_empty.get()) {
            let new = |loaded| LookedUp { loaded, stored: None, self_ref_order: None };
            looked_up.extend(chunk.into_iter().map(new));
            return Ok(Some(looked_up));
        }
        let find = self.stored.get()?;
        find.raw_bind_parameter(2, self.profile)?;
        find.raw_bind_parameter(3, &self.stamp.instance)?;
        for loaded in chunk {
            let id = loaded.id();
            match self.page.find(find, &mut self.kept, &id) {
                Ok(found) => self.page.rows.push((loaded, found)),
                Err(failure) => {
                    let failure = failure.at(id);
                    if !failure.source().is::<InvalidColumn>() {
                        return Err(failure.into());
                    }
                    self.left_out.record("StoreLookup", &loaded, failure)?;
                }
            }
            if self.page.is_full() {
                self.page.empty_into(&mut looked_up);
            }
        }
        self.page.empty_into(&mut looked_up);
        Ok(Some(looked_up))
    }
}

//! A page of the app's rows, converted to JSON text.

use std::collections::VecDeque;
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use syncline_core::{Failure, Halt};
use syncline_serializer::filter::PartitionRanges;
use syncline_serializer::identity::{PARTITION_CHECKS, SOURCE_ID_CHECKS};
use syncline_serializer::model::columns::{ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{InvalidColumn, Model, Row, Syncable};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::backend::{Draft, LeaveOut, Spans, Tickets};
use syncline_serializer::serialize::{FailedRow, Loaded};
use syncline_serializer::value::{Check, ColumnValue, FieldValue, InvalidValue, first_failed};

use crate::flow::listed_ids::shown;
use crate::flow::text_page::TextPage;
use crate::sqlite_row::{SqliteRow, text_bytes};
use crate::store::names::Quoted;

/// The context for reading rows.
pub(super) struct Reading<'a> {
    pub(super) connection: &'a Connection,
    pub(super) left_out: &'a dyn LeaveOut,
    pub(super) tickets: &'a mut Tickets,
    /// `true` if values are checked that no version of the app could read.
    pub(super) is_checked: bool,
}

/// The rows of a model that were read ahead.
pub(super) type Page = TextPage<Draft>;

impl Page {
    /// Adds a row of a query of [`select`], or leaves it out if it cannot be serialised and the run allows that.
    pub(super) fn load<M: Syncable>(
        &mut self,
        row: &rusqlite::Row<'_>,
        places: &Places,
        rowid: Option<i64>,
        reading: &mut Reading<'_>,
    ) -> Result<(), Halt> {
        let loaded = if reading.is_checked { check::<M>(row, places) } else { Ok(()) };
        let Err(failure) = loaded.and_then(|()| self.try_load::<M>(row, places, rowid)) else {
            return Ok(());
        };
        let id = shown(row.get_ref(places.id).unwrap_or(ValueRef::Null));
        reading.left_out.leave_out("DirtyRows", FailedRow::new(M::MODEL.table, id), failure)?;
        reading.tickets.void();
        Ok(())
    }

    /// Adds a row, if it can be serialised.
    pub(super) fn try_load<M: Syncable>(
        &mut self,
        row: &rusqlite::Row<'_>,
        places: &Places,
        rowid: Option<i64>,
    ) -> Result<(), Failure> {
        let draft = self.append(|text| draft::<M>(row, places, rowid, text))?;
        self.push(draft);
        Ok(())
    }

    /// Begins a read of a page. If the read before has failed, its rows are dropped, because they are read again.
    pub(super) fn begin_read(&mut self, reading: &mut Reading<'_>) {
        self.clear();
        reading.tickets.begin_read();
    }

    /// Ends a read that succeeded: moves the rows to `rows`.
    pub(super) fn end_read(&mut self, reading: &mut Reading<'_>, rows: &mut VecDeque<Loaded>) {
        reading.tickets.end_read();
        self.empty(rows);
    }

    /// Moves the rows to `rows`, and starts again.
    pub(super) fn empty(&mut self, rows: &mut VecDeque<Loaded>) {
        if !self.is_empty() {
            self.empty_into(rows, |draft, text| draft.with_text(Arc::clone(text)));
        }
    }
}

/// The message for a row without an identity.
const EMPTY: &str = "it is empty, because an INSERT OR FAIL of the row failed midway, or no trigger ran: set the source id and \
                     the partition in one UPDATE, or delete the row and insert it again";

/// Checks a row of a database of one's own. Its table refuses most of these values, but a row may be older than a check,
/// and SQL cannot detect text that is not UTF-8, for example.
///
/// Morango serialises such values, so the rows of another application's database are not checked.
fn check<M: Syncable>(row: &rusqlite::Row<'_>, places: &Places) -> Result<(), Failure> {
    let row = SqliteRow(row);
    for (place, column) in M::MODEL.columns.iter().enumerate() {
        let value = row.column(place).and_then(|value| {
            let checks: &[Check] = match (column.name, value) {
                (SOURCE_ID, ColumnValue::Text("")) => return Err(InvalidValue::new(EMPTY)),
                (PARTITION, ColumnValue::Text("")) if !M::MODEL.has_empty_partition() => {
                    return Err(InvalidValue::new(EMPTY));
                }
                (SOURCE_ID, _) => &SOURCE_ID_CHECKS,
                (PARTITION, _) => &PARTITION_CHECKS,
                _ => return M::check(place, value),
            };
            first_failed(checks, value).map_or(Ok(()), |check| Err(InvalidValue::failed(check, value)))
        });
        value.map_err(|source| InvalidColumn::new(M::MODEL.table, column.name, &row, places.id, source))?;
    }
    Ok(())
}

/// Appends the texts of a row to `page`.
fn draft<M: Syncable>(
    row: &rusqlite::Row<'_>,
    places: &Places,
    rowid: Option<i64>,
    page: &mut String,
) -> Result<Draft, Failure> {
    let row = SqliteRow(row);
    let invalid = |place: usize, source: InvalidValue| {
        let column = M::MODEL.columns.get(place).map_or("?", |column| column.name);
        Failure::from(InvalidColumn::new(M::MODEL.table, column, &row, places.id, source))
    };
    let text = |place: usize| match row.column(place) {
        Ok(ColumnValue::Text(text)) => Ok(text),
        Ok(other) => Err(invalid(place, InvalidValue::expected("text", other))),
        Err(source) => Err(invalid(place, source)),
    };
    let key = text(places.id)?;
    let id = RecordId::parse(key).map_err(|source| invalid(places.id, source))?;
    let spelt = (id.as_str() != key).then(|| key.into());
    let parent = match M::MODEL.self_reference {
        None => None,
        Some(place) => {
            row.column(place).and_then(Option::<RecordId>::read).map_err(|source| invalid(place, source))?
        }
    };
    let start = page.len();
    M::write_serialized(&row, page).map_err(|error| invalid(error.column(), error.into_invalid_value()))?;
    let partition = page.len();
    page.push_str(text(places.partition)?);
    let source_id = page.len();
    page.push_str(text(places.source_id)?);
    let spans = Spans { start, partition, source_id, end: page.len() };
    Ok(Draft { model: M::MODEL, id, parent, rowid, spelt, spans })
}

/// The indices of the columns that the store keeps apart from the text.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) id: usize,
    partition: usize,
    source_id: usize,
}

impl Places {
    pub(super) fn of(model: &Model) -> Self {
        let place = |name| model.columns.iter().position(|column| column.name == name);
        Self {
            id: place(ID).expect("a derived model has an id"),
            partition: place(PARTITION).expect("a derived model has a partition"),
            source_id: place(SOURCE_ID).expect("a derived model has a source id"),
        }
    }

    /// Returns `true` if `row` is in one of `ranges`.
    pub(super) fn is_in(&self, ranges: &PartitionRanges, row: &rusqlite::Row<'_>) -> bool {
        row.get_ref(self.partition).is_ok_and(|partition| ranges.contain(text_bytes(partition)))
    }
}

/// The `SELECT` of a model's columns and `further` ones behind them, without a condition.
pub(super) fn select(model: &Model, further: &[&str]) -> String {
    let columns = model.columns.iter().map(|column| Quoted(column.name).to_string());
    let columns: Vec<_> = columns.chain(further.iter().map(|&column| column.to_owned())).collect();
    format!("SELECT {} FROM {}", columns.join(", "), Quoted(model.table))
}

//! Rows of the app, made into text a page at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use syncline_core::{Failure, Halt};

use crate::error::InvalidColumn;
use crate::flow::Loaded;
use crate::flow::tasks::Spans;
use crate::model::{Model, Row, Syncable};
use crate::record_id::RecordId;
use crate::sqlite_row::SqliteRow;
use crate::store::names::Quoted;
use crate::store::schema::{ID, PARTITION, SOURCE_ID};
use crate::value::{ColumnValue, FieldValue, InvalidValue};

/// Rows of which the texts are still growing, one behind the other. Once it is full, they share one allocation.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    rows: Vec<Draft>,
}

/// A row, but for its text.
#[derive(Debug)]
struct Draft {
    model: &'static Model,
    id: RecordId,
    parent: Option<RecordId>,
    rowid: Option<i64>,
    spans: Spans,
}

impl Page {
    /// Rows in a page: each model has one in memory, and finding where the next begins costs little among so many. A
    /// chunk is a multiple of it, so that no part of a page is held while a chunk is on its way.
    pub(super) const ROWS: usize = 25;

    /// Or bytes of text.
    const BYTES: usize = 128 * 1024;

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= Self::ROWS || self.text.len() >= Self::BYTES
    }

    /// Adds a row, which is a query's of [`select`].
    pub(super) fn load<M: Syncable>(
        &mut self,
        row: &rusqlite::Row<'_>,
        places: &Places,
        rowid: Option<i64>,
    ) -> Result<(), Halt> {
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
        let id = RecordId::parse(text(places.id)?).map_err(|source| invalid(places.id, source))?;
        let parent = match M::MODEL.self_reference {
            None => None,
            Some(place) => row
                .column(place)
                .and_then(Option::<RecordId>::read)
                .map_err(|source| invalid(place, source))?,
        };
        let start = self.text.len();
        M::write_serialized(&row, &mut self.text)
            .map_err(|error| invalid(error.column(), error.into_invalid_value()))?;
        let partition = self.text.len();
        self.text.push_str(text(places.partition)?);
        let source_id = self.text.len();
        self.text.push_str(text(places.source_id)?);
        let spans = Spans { start, partition, source_id, end: self.text.len() };
        self.rows.push(Draft { model: M::MODEL, id, parent, rowid, spans });
        Ok(())
    }

    /// Hands the rows over, and begins again.
    pub(super) fn empty_into(&mut self, rows: &mut VecDeque<Loaded>) {
        if self.rows.is_empty() {
            return;
        }
        let text: Arc<str> = Arc::from(self.text.as_str());
        rows.extend(self.rows.drain(..).map(|Draft { model, id, parent, rowid, spans }| {
            Loaded::in_page(model, id, parent, rowid, Arc::clone(&text), spans)
        }));
        if self.text.capacity() > 2 * Self::BYTES {
            // A row as large as that need not come again.
            self.text = String::new();
        }
        self.text.clear();
    }
}

/// Where the columns stand that the store wants apart.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) id: usize,
    pub(super) partition: usize,
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
}

/// `SELECT` of a model's columns, up to its condition.
pub(super) fn select(model: &Model) -> String {
    let columns: Vec<_> = model.columns.iter().map(|column| Quoted(column.name).to_string()).collect();
    format!("SELECT {} FROM {}", columns.join(", "), Quoted(model.table))
}

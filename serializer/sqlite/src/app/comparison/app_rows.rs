//! The pass over the app's rows of one model, each with its store row.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row};
use syncline_serializer::model::columns::{DIRTY_BIT, ID};
use syncline_serializer::model::{Model, ModelVisitor, Profile, Syncable};
use syncline_serializer::record_id::RecordId;

use crate::app::comparison::defaults::Defaults;
use crate::app::comparison::texts::{TextComparer, Texts};
use crate::app::comparison::{Differing, ModelComparison};
use crate::error::{Doing, SqliteError};
use crate::sqlite_row::SqliteRow;
use crate::store::names::Quoted;
use crate::store::selection::of_model;
use crate::store::without_triggers::without_triggers;

/// The number of rows that are marked together, while no query is open.
const PAGE: usize = 500;

const DOING: &str = "comparing the tables with the store";

/// Compares the clean rows of the model with this index, and adds the findings to `found`.
pub(super) fn compare<P: Profile>(
    connection: &Connection,
    index: usize,
    differing: Differing,
    found: &mut ModelComparison,
) -> Result<(), SqliteError> {
    let mut texts = TextComparer::default();
    let mut defaults = Defaults::of(P::MODELS[index]);
    let mut last = None;
    let mut own = String::new();
    loop {
        let mut differing_ids = Vec::new();
        let pass = Pass {
            connection,
            differing,
            found: &mut *found,
            texts: &mut texts,
            defaults: &mut defaults,
            own: &mut own,
            ids: &mut differing_ids,
            last: &mut last,
        };
        let is_last = P::visit(index, pass).transpose()?.unwrap_or(true);
        mark(connection, P::MODELS[index], &differing_ids)?;
        if is_last {
            return Ok(());
        }
    }
}

/// Makes the rows `ids` of `model` dirty, without running triggers of the app.
fn mark(connection: &Connection, model: &Model, ids: &[Value]) -> Result<(), SqliteError> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE {} SET {} = 1 WHERE {} = ?1 AND {}",
        Quoted(model.table),
        Quoted(DIRTY_BIT),
        Quoted(ID),
        of_model(model, "")
    );
    without_triggers(connection, || {
        let mut statement = connection.prepare_cached(&sql)?;
        ids.iter().try_for_each(|id| statement.execute([id]).map(|_| ()))
    })
    .doing("marking rows that differ from the store")
}

/// A pass over rows in the order of their ids, up to the end or a page of rows that differ.
struct Pass<'a> {
    connection: &'a Connection,
    differing: Differing,
    found: &'a mut ModelComparison,
    texts: &'a mut TextComparer,
    defaults: &'a mut Defaults,
    /// Scratch space for the text of a row.
    own: &'a mut String,
    /// The ids of the rows to mark.
    ids: &'a mut Vec<Value>,
    /// The id of the last row of the pass before.
    last: &'a mut Option<Value>,
}

impl ModelVisitor for Pass<'_> {
    /// `true` at the end of the table.
    type Output = Result<bool, SqliteError>;

    fn visit<M: Syncable>(mut self) -> Self::Output {
        let sql = select(M::MODEL, self.last.is_some());
        let mut statement = self.connection.prepare_cached(&sql).doing(DOING)?;
        let mut rows = match &*self.last {
            None => statement.query([]),
            Some(last) => statement.query([last]),
        }
        .doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            self.compare::<M>(row)?;
            if self.ids.len() == PAGE {
                *self.last = self.ids.last().cloned();
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The index of the id, and of the first column of the store.
fn places(model: &Model) -> (usize, usize) {
    let id = model.columns.iter().position(|column| column.name == ID);
    (id.expect("a derived model has an id"), model.columns.len())
}

/// The `SELECT` of a model's clean rows, each with its store row, in the order of their ids. With `is_further` behind
/// the id `?1`.
fn select(model: &Model, is_further: bool) -> String {
    let columns: Vec<_> = model.columns.iter().map(|column| format!("app.{}", Quoted(column.name))).collect();
    let behind = if is_further { format!("app.{} > ?1 AND ", Quoted(ID)) } else { String::new() };
    // With the order of the ids, the store's rows are read in the order in which they were written.
    format!(
        "SELECT {columns}, {STORED} FROM {table} AS app LEFT JOIN morango_store AS stored ON stored.id = app.{id} \
         WHERE {behind}NOT ifnull(app.{dirty}, 0) AND {of_model} ORDER BY app.{id}",
        columns = columns.join(", "),
        table = Quoted(model.table),
        id = Quoted(ID),
        dirty = Quoted(DIRTY_BIT),
        of_model = of_model(model, "app."),
    )
}

/// The columns of the store row. The first is `NULL` if there is none.
const STORED: &str = "stored.dirty_bit IS NOT 0, stored.deleted IS NOT 0 OR stored.hard_deleted IS NOT 0, \
                      stored.serialized, stored.id";

/// The comparison of a row with its store row.
enum Outcome {
    Same,
    Different,
    NotInStore,
}

impl Pass<'_> {
    fn compare<M: Syncable>(&mut self, row: &Row<'_>) -> Result<(), SqliteError> {
        let (id, first) = places(M::MODEL);
        let is_there = !matches!(row.get_ref(first + 3).doing(DOING)?, ValueRef::Null);
        let outcome = if is_there {
            self.compare_stored::<M>(row, row, first)?
        } else {
            self.compare_respelt::<M>(row, id)?
        };
        let of_kind = match outcome {
            Outcome::Same => return Ok(()),
            Outcome::Different => &mut self.found.different,
            Outcome::NotInStore => &mut self.found.not_in_store,
        };
        let id: Value = row.get(id).doing(DOING)?;
        of_kind.add(|| shown(&id));
        if self.differing == Differing::Mark {
            self.ids.push(id);
        }
        Ok(())
    }

    /// Compares a row whose id, as it is spelt, the store does not have: it may have its usual spelling.
    fn compare_respelt<M: Syncable>(&mut self, row: &Row<'_>, id: usize) -> Result<Outcome, SqliteError> {
        let ValueRef::Text(spelt) = row.get_ref(id).doing(DOING)? else { return Ok(Outcome::Different) };
        let Ok(spelt) = std::str::from_utf8(spelt) else { return Ok(Outcome::Different) };
        let Ok(id) = RecordId::parse(spelt) else { return Ok(Outcome::Different) };
        if id.as_str() == spelt {
            return Ok(Outcome::NotInStore);
        }
        let sql = format!("SELECT {STORED} FROM morango_store AS stored WHERE stored.id = ?1");
        let mut statement = self.connection.prepare_cached(&sql).doing(DOING)?;
        let mut stored = statement.query([id.as_str()]).doing(DOING)?;
        match stored.next().doing(DOING)? {
            Some(stored) => self.compare_stored::<M>(row, stored, 0),
            None => Ok(Outcome::NotInStore),
        }
    }

    /// Compares a row with the store row in the columns from `first` of `stored`.
    fn compare_stored<M: Syncable>(
        &mut self,
        row: &Row<'_>,
        stored: &Row<'_>,
        first: usize,
    ) -> Result<Outcome, SqliteError> {
        if stored.get(first).doing(DOING)? {
            // It was received, and waits for the app.
            return Ok(Outcome::Same);
        }
        if stored.get(first + 1).doing(DOING)? {
            return Ok(Outcome::NotInStore);
        }
        let text = match stored.get_ref(first + 2).doing(DOING)? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        };
        let row = SqliteRow(row);
        self.own.clear();
        // A row that cannot be serialised is named when it is serialised.
        let (Some(text), Ok(())) = (text, M::write_serialized(&row, self.own)) else {
            return Ok(Outcome::Different);
        };
        let is_same = match self.texts.compare(text, self.own) {
            Texts::Same => true,
            Texts::Different => false,
            // An added column does not make rows dirty.
            Texts::Added(added) => self.defaults.are::<M>(self.connection, &row, &added)?,
        };
        Ok(if is_same { Outcome::Same } else { Outcome::Different })
    }
}

/// Formats an id for a message.
fn shown(id: &Value) -> String {
    match id {
        Value::Text(text) => text.clone(),
        other => format!("({})", other.data_type()),
    }
}

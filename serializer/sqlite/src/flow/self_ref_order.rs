//! How deep a record stands in the tree of its model (morango.md §7).

use std::collections::{HashMap, VecDeque};

use rusqlite::Connection;
use syncline_core::{Failure, Halt, Transform, Yield};

use crate::flow::{LookedUp, SyncTransaction};
use crate::sqlite_row::column_value;
use syncline_serializer::model::InvalidColumn;
use syncline_serializer::model::Profile;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::{ColumnValue, InvalidValue};

/// Stage that works out `_self_ref_order` for new and for moved records: a root has 0, a child its parent's plus one.
///
/// * Shape: a chunk in, the same chunk out. Where the store has no such column nothing is done.
/// * Memory: the orders of the last few thousand records, which may not have reached the store yet.
/// * A parent is looked for in the chunk, among those last records, then in the store. A record whose parent is in
///   none of them waits in a temporary table from when it is written until the commit: its parent may come later. A parent
///   that never comes is unknown, and the order stays `NULL`. Descendants of a moved record are not renumbered.
/// * A parent of which the store has an order that is no number fails the run.
#[derive(Debug)]
pub struct SelfRefOrder<'c> {
    connection: Option<&'c Connection>,
    recent: Recent,
}

/// What is known of a parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parent {
    Order(i64),
    Unknown,
}

impl<'c> SelfRefOrder<'c> {
    /// For the store that `run` writes to.
    #[must_use]
    pub fn new<P: Profile>(run: &'c SyncTransaction<'_, P>) -> Self {
        let connection = run.schema().self_ref_order.then_some(run.connection());
        Self { connection, recent: Recent::default() }
    }

    /// Makes the table in which records wait for their parent.
    pub(crate) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "DROP TABLE IF EXISTS temp.syncline_waiting; \
             CREATE TEMP TABLE syncline_waiting (id TEXT PRIMARY KEY, parent TEXT NOT NULL) WITHOUT ROWID; \
             CREATE INDEX temp.syncline_waiting_parent ON syncline_waiting (parent)",
        )
    }

    /// Lets a record that was written without an order wait for its parent.
    pub(crate) fn wait(connection: &Connection, id: RecordId, parent: RecordId) -> rusqlite::Result<()> {
        connection
            .prepare_cached("INSERT OR REPLACE INTO temp.syncline_waiting VALUES (?1, ?2)")?
            .execute((id.as_str(), parent.as_str()))?;
        Ok(())
    }

    /// Works out the orders of the records that waited, if there are any, now that all others are in the store.
    pub(crate) fn settle(connection: &Connection, has_waiting: bool) -> rusqlite::Result<()> {
        if has_waiting {
            // From the records whose parent has an order down to their descendants: each is visited once, and a circle
            // is never reached.
            connection.execute_batch(
                "CREATE TEMP TABLE syncline_settled AS \
                 WITH RECURSIVE settled (id, place) AS ( \
                    SELECT waiting.id, parent._self_ref_order + 1 FROM temp.syncline_waiting AS waiting \
                    JOIN main.morango_store AS parent ON parent.id = waiting.parent \
                    WHERE parent._self_ref_order IS NOT NULL \
                    UNION ALL \
                    SELECT waiting.id, settled.place + 1 FROM settled \
                    JOIN temp.syncline_waiting AS waiting ON waiting.parent = settled.id \
                 ) SELECT id, place FROM settled; \
                 UPDATE main.morango_store SET _self_ref_order = settled.place \
                 FROM temp.syncline_settled AS settled WHERE settled.id = morango_store.id; \
                 DROP TABLE temp.syncline_settled",
            )?;
        }
        connection.execute_batch("DROP TABLE temp.syncline_waiting")
    }

    /// Works out the order of `chunk[index]`, and before it those of its ancestors in the chunk.
    fn resolve(
        &mut self,
        connection: &Connection,
        chunk: &mut [LookedUp],
        unresolved: &mut HashMap<RecordId, usize>,
        index: usize,
    ) -> Result<(), Failure> {
        let mut path = vec![index];
        unresolved.remove(&chunk[index].loaded.id());
        while let Some(index) = path.last().copied() {
            let Some(parent) = chunk[index].loaded.parent() else {
                self.set(&mut chunk[index], Some(0));
                path.pop();
                continue;
            };
            if let Some(above) = unresolved.remove(&parent) {
                path.push(above);
                continue;
            }
            let order = match self.recent.get(&parent) {
                Some(known) => Some(known),
                None => stored_order(connection, &parent)?,
            };
            let order = match order {
                Some(Parent::Order(order)) => Some(order + 1),
                Some(Parent::Unknown) | None => None,
            };
            self.set(&mut chunk[index], order);
            path.pop();
        }
        Ok(())
    }

    fn set(&mut self, record: &mut LookedUp, order: Option<i64>) {
        record.self_ref_order = order;
        self.recent.insert(record.loaded.id(), order.map_or(Parent::Unknown, Parent::Order));
    }
}

/// The order that the store has of a record; `None` when it has no such record.
fn stored_order(connection: &Connection, id: &RecordId) -> Result<Option<Parent>, Failure> {
    let mut statement =
        connection.prepare_cached("SELECT _self_ref_order FROM morango_store WHERE id = ?1")?;
    let mut rows = statement.query([id.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    match column_value(row.get_ref(0)?) {
        ColumnValue::Null => Ok(Some(Parent::Unknown)),
        // What is below it is one more.
        ColumnValue::Integer(order) if order < i64::MAX => Ok(Some(Parent::Order(order))),
        other => {
            let source = InvalidValue::expected("a place in a tree", other);
            let (table, column, record) = ("morango_store", "_self_ref_order", id.to_string());
            Err(Failure::new(InvalidColumn { table, column, record, source }).at(id))
        }
    }
}

impl Transform for SelfRefOrder<'_> {
    type In = Vec<LookedUp>;
    type Out = Vec<LookedUp>;

    const YIELD: Yield = Yield::One;

    fn transform(&mut self, mut chunk: Vec<LookedUp>) -> Result<Option<Vec<LookedUp>>, Halt> {
        let Some(connection) = self.connection else {
            return Ok(Some(chunk));
        };
        let changed = chunk.iter().enumerate().filter(|(_, record)| record.parent_changed());
        let mut unresolved: HashMap<_, _> =
            changed.map(|(index, record)| (record.loaded.id(), index)).collect();
        for index in 0..chunk.len() {
            if unresolved.contains_key(&chunk[index].loaded.id()) {
                self.resolve(connection, &mut chunk, &mut unresolved, index)?;
            }
        }
        Ok(Some(chunk))
    }
}

/// What was worked out last.
#[derive(Debug, Default)]
struct Recent {
    orders: HashMap<RecordId, Parent>,
    oldest_first: VecDeque<RecordId>,
}

impl Recent {
    /// More than any buffer between this stage and the store holds.
    const SIZE: usize = 4096;

    fn get(&self, id: &RecordId) -> Option<Parent> {
        self.orders.get(id).copied()
    }

    fn insert(&mut self, id: RecordId, parent: Parent) {
        if self.orders.insert(id, parent).is_none() {
            self.oldest_first.push_back(id);
        }
        if self.oldest_first.len() > Self::SIZE
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.orders.remove(&oldest);
        }
    }
}

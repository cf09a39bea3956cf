//! `AppTables`: the look-ups of an app's own rules while received records are written.

use crate::filter::Filter;
use crate::received::JsonValue;
use crate::record_id::RecordId;
use crate::value::StoredValue;

/// The app's tables and the store, as a rule of a model sees them while records are received.
///
/// Every look-up sees the records that this run has written before. It needs no SQL, and it does not fail: if the database
/// cannot be read, the look-up finds nothing, and the run ends with that error as soon as the rule returns.
pub trait AppTables {
    /// The values of `column` in the rows of `table` that have these values, at most 100 of them. The table may be one
    /// that does not sync. A table or a column that does not exist has no rows.
    fn query(
        &self,
        table: &str,
        conditions: &[(&str, StoredValue<'_>)],
        column: &str,
    ) -> Vec<StoredValue<'static>>;

    /// The value of `column` in the row of `table` with this id. `None` if there is no such row.
    fn get(&self, table: &str, id: &str, column: &str) -> Option<StoredValue<'static>> {
        self.query(table, &[("id", StoredValue::Text(id.into()))], column).into_iter().next()
    }

    /// Returns `true` if `table` has a row with these values.
    fn exists(&self, table: &str, conditions: &[(&str, StoredValue<'_>)]) -> bool {
        conditions.first().is_some_and(|(column, _)| !self.query(table, conditions, column).is_empty())
    }

    /// The state of the record with this id in the store.
    fn store_state(&self, id: &str) -> StoreState;

    /// The filter of the run.
    fn filter(&self) -> &Filter;

    /// The time of the run, in microseconds since 1970-01-01 UTC. It is the same for all its records.
    fn now(&self) -> i64;
}

/// The state of a record in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreState {
    /// The store has no row of the record.
    Missing,
    /// The record lives.
    Alive,
    /// The record was deleted.
    Deleted,
    /// The record was deleted, and its content erased.
    HardDeleted,
}

/// The surroundings of a received text, for a function that changes the text before it is validated.
#[derive(Clone, Copy)]
pub struct ReceiveContext<'a> {
    /// The id of the record, by its row in the store.
    pub id: &'a RecordId,
    /// The source id of the record, by its row in the store.
    pub source_id: &'a str,
    /// The partition of the record, by its row in the store.
    pub partition: &'a str,
    /// The parsed text, if it is no object. The function is then called with an empty object.
    pub not_an_object: Option<&'a JsonValue<'a>>,
    /// Look-ups in other tables; the filter and the time of the run.
    pub app: &'a dyn AppTables,
}

impl std::fmt::Debug for ReceiveContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiveContext")
            .field("id", &self.id)
            .field("partition", &self.partition)
            .finish_non_exhaustive()
    }
}

//! The comparison of the app's tables, the lists of deletions, the store and the counters.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Scratch, all};

/// A row of the store.
#[derive(Debug, PartialEq, Eq)]
struct Stored {
    deleted: bool,
    hard_deleted: bool,
    partition: String,
    texts: (String, String),
    saved: (String, i64),
    counters: BTreeMap<String, i64>,
}

/// The state before a transaction.
#[derive(Debug)]
pub(super) struct Before {
    lists: [BTreeSet<String>; 2],
    store: BTreeMap<String, Stored>,
    /// Instance, partition and counter.
    database_counters: Vec<(String, String, i64)>,
    indexes: Vec<String>,
}

impl Before {
    pub(super) fn of(scratch: &Scratch) -> Self {
        let list =
            |table: &str| scratch.all::<String>(&format!("SELECT id FROM {table}")).into_iter().collect();
        let connection = scratch.database.connection();
        let mut counters = connection
            .prepare("SELECT instance_id, partition, counter FROM morango_databasemaxcounter")
            .unwrap();
        let counters = counters.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        Self {
            lists: [list("morango_deletedmodels"), list("morango_harddeletedmodels")],
            store: store(scratch),
            database_counters: counters.collect::<rusqlite::Result<_>>().unwrap(),
            indexes: scratch.all(
                "SELECT name || sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1",
            ),
        }
    }

    /// Compares with the state after the transaction.
    pub(super) fn check(&self, scratch: &Scratch) {
        let after = Self::of(scratch);
        clean_rows_are_stored(scratch);
        self.listed_ids_are_done(&after, scratch);
        self.counters_are_new(&after);
        assert_eq!(self.indexes, after.indexes, "the store has lost an index");
        every_row_has_its_counter(&after);
        let temporary = all::<String>(scratch.database.connection(), "SELECT name FROM sqlite_temp_schema");
        assert_eq!(temporary, [""; 0], "temporary tables are left");
        assert!(scratch.database.connection().is_autocommit(), "a transaction is left open");
    }

    /// An id left its list only if the store's row is marked, there is none, or the app has the record.
    fn listed_ids_are_done(&self, after: &Self, scratch: &Scratch) {
        let alive: BTreeSet<String> =
            scratch.all("SELECT id FROM note UNION SELECT id FROM notebook").into_iter().collect();
        for (index, marked) in [(|row: &Stored| row.deleted) as fn(&Stored) -> bool, |row| row.hard_deleted]
            .into_iter()
            .enumerate()
        {
            for id in self.lists[index].difference(&after.lists[index]) {
                assert!(
                    alive.contains(id) || after.store.get(id).is_none_or(marked),
                    "{id} left its list, and the store has it: {:?}",
                    after.store[id]
                );
            }
        }
    }

    /// A row that changed in any column has a counter above all that peers may have asked for.
    fn counters_are_new(&self, after: &Self) {
        for (id, row) in &after.store {
            let before = self.store.get(id);
            if before == Some(row) {
                continue;
            }
            let (instance, counter) = &row.saved;
            for (of, partition, seen) in &self.database_counters {
                assert!(
                    of != instance || !row.partition.starts_with(partition) || counter > seen,
                    "{id} was saved with {counter}, and {partition:?} was known up to {seen}"
                );
            }
        }
    }
}

fn store(scratch: &Scratch) -> BTreeMap<String, Stored> {
    let connection = scratch.database.connection();
    let mut rows = connection
        .prepare(
            "SELECT id, deleted, hard_deleted, partition, last_saved_instance, last_saved_counter, serialized, \
             conflicting_serialized_data FROM morango_store",
        )
        .unwrap();
    let rows = rows.query_map([], |row| {
        Ok((
            row.get(0)?,
            Stored {
                deleted: row.get(1)?,
                hard_deleted: row.get(2)?,
                partition: row.get(3)?,
                texts: (row.get(6)?, row.get(7)?),
                saved: (row.get(4)?, row.get(5)?),
                counters: BTreeMap::new(),
            },
        ))
    });
    let mut store: BTreeMap<String, Stored> = rows.unwrap().collect::<rusqlite::Result<_>>().unwrap();
    let mut counters = connection
        .prepare("SELECT store_model_id, instance_id, counter FROM morango_recordmaxcounter")
        .unwrap();
    let mut counters = counters.query([]).unwrap();
    while let Some(row) = counters.next().unwrap() {
        let id: String = row.get(0).unwrap();
        let row_of =
            store.get_mut(&id).unwrap_or_else(|| panic!("a counter of {id}, which the store has not"));
        row_of.counters.insert(row.get(1).unwrap(), row.get(2).unwrap());
    }
    store
}

/// A clean row of the app says what its row of the store says.
fn clean_rows_are_stored(scratch: &Scratch) {
    const SAME: &str =
        "json_extract(serialized, '$.title') IS app.title AND NOT store.deleted AND NOT store.hard_deleted";
    for (table, same) in [
        ("notebook", SAME.to_owned()),
        (
            "note",
            format!(
                "{SAME} AND json_extract(serialized, '$.body') IS app.body \
                 AND json_extract(serialized, '$.stars') IS app.stars \
                 AND json_extract(serialized, '$.parent_id') IS app.parent_id \
                 AND store._self_ref_fk = ifnull(app.parent_id, '')"
            ),
        ),
    ] {
        let lost: Vec<String> = scratch.all(&format!(
            "SELECT app.id || ' ' || app.title || ' ' || ifnull(serialized, '(no row)') FROM {table} AS app \
             LEFT JOIN morango_store AS store ON store.id = app.id \
             WHERE NOT app._morango_dirty_bit AND NOT (store.id IS NOT NULL AND {same})"
        ));
        assert_eq!(lost, [""; 0], "rows of {table} are clean, and the store does not say the same");
    }
}

/// The counter of the instance that saved a row last is the row's.
fn every_row_has_its_counter(after: &Before) {
    for (id, row) in &after.store {
        let (instance, counter) = &row.saved;
        assert_eq!(row.counters.get(instance), Some(counter), "{id}");
    }
}

/// All changes are in the store.
pub(super) fn nothing_is_left(scratch: &Scratch) {
    let dirty: Vec<String> = scratch.all(
        "SELECT id FROM note WHERE _morango_dirty_bit UNION SELECT id FROM notebook WHERE _morango_dirty_bit",
    );
    assert_eq!(dirty, [""; 0]);
    let listed: Vec<String> =
        scratch.all("SELECT id FROM morango_deletedmodels UNION SELECT id FROM morango_harddeletedmodels");
    assert_eq!(listed, [""; 0]);
    let differing: Vec<String> = scratch.all(
        "SELECT id FROM (SELECT id FROM note UNION SELECT id FROM notebook) \
         WHERE id NOT IN (SELECT id FROM morango_store WHERE NOT deleted) \
         UNION SELECT id FROM morango_store WHERE NOT deleted \
         AND id NOT IN (SELECT id FROM note UNION SELECT id FROM notebook)",
    );
    assert_eq!(differing, [""; 0], "records that only one side has");
}

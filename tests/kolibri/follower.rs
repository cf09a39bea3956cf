//! A third database that follows the counters, as Morango's queue does (morango.md §8, §9).

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

/// What it has of each record, and up to which counter of each instance it was told to have all.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    records: BTreeMap<String, Record>,
    known: HashMap<String, i64>,
}

/// All of a record that is sent, but for what the receiver has of its own.
type Record = Vec<String>;

const COLUMNS: &str = "serialized, deleted, hard_deleted, last_saved_instance, last_saved_counter, model_name, \
                       profile, partition, source_id, conflicting_serialized_data, _self_ref_fk";

impl Follower {
    /// Asks `connection`'s database for the records that were saved since it asked last, and takes them.
    pub(crate) fn pull(&mut self, connection: &Connection) {
        let transaction = connection.unchecked_transaction().unwrap();
        let counters = "SELECT instance_id, max(counter) FROM morango_databasemaxcounter WHERE partition = '' \
                        GROUP BY instance_id";
        let told: Vec<(String, i64)> = transaction
            .prepare(counters)
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for (instance, counter) in told {
            let known = self.known.entry(instance.clone()).or_default();
            let newer = "last_saved_instance = ?1 AND last_saved_counter > ?2";
            self.records.extend(records(&transaction, newer, (&instance, *known)));
            *known = counter.max(*known);
        }
        transaction.commit().unwrap();
    }

    /// The ids of the records of `connection`'s database that it does not have as they are there.
    pub(crate) fn lacks_of(&self, connection: &Connection) -> Vec<String> {
        let mut expected = records(connection, "TRUE", ());
        expected.retain(|id, record| self.records.get(id) != Some(record));
        expected.into_keys().collect()
    }

    /// Asserts that it has every record of `connection`'s database, as it is there.
    #[track_caller]
    pub(crate) fn assert_has_all_of(&self, connection: &Connection) {
        let lost = self.lacks_of(connection);
        assert!(lost.is_empty(), "{} records are lost: {:?}", lost.len(), &lost[..lost.len().min(5)]);
    }
}

fn records(
    connection: &Connection,
    condition: &str,
    parameters: impl rusqlite::Params,
) -> BTreeMap<String, Record> {
    let count = COLUMNS.split(", ").count();
    let mut statement =
        connection.prepare(&format!("SELECT id, {COLUMNS} FROM morango_store WHERE {condition}")).unwrap();
    let records = statement.query_map(parameters, |row| {
        let record = (1..=count).map(|column| Ok(format!("{:?}", row.get_ref(column)?)));
        Ok((row.get(0)?, record.collect::<rusqlite::Result<Vec<_>>>()?))
    });
    records.unwrap().map(Result::unwrap).collect()
}

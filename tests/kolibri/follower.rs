//! A third database that receives records by their counters, like Morango's queue (morango.md §8, §9).

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

/// The records that it has, and for each instance the counter up to which it has all records.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    records: BTreeMap<String, Record>,
    known: HashMap<String, i64>,
}

/// The columns of a record that are sent.
type Record = Vec<String>;

const COLUMNS: &str = "serialized, deleted, hard_deleted, last_saved_instance, last_saved_counter, model_name, \
                       profile, partition, source_id, conflicting_serialized_data, _self_ref_fk";

impl Follower {
    /// Takes the records that were saved in `connection`'s database since the last call.
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

    /// The ids of records in `connection`'s database that it lacks or has in another version.
    pub(crate) fn lacks_of(&self, connection: &Connection) -> Vec<String> {
        let mut expected = records(connection, "TRUE", ());
        expected.retain(|id, record| self.records.get(id) != Some(record));
        expected.into_keys().collect()
    }

    /// Asserts that it has every record of `connection`'s database in its current version.
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

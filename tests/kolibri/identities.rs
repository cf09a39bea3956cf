//! Identities: the declarations give Kolibri's own ids and partitions, and Kolibri's tables can be filled record by record.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::Value;
use syncline::model::ModelVisitor;
use syncline::record::{Identity, InvalidRecord};
use syncline::{Access as _, Database, Pipeline, Profile as _, ReadRecords as _, RecordId, Syncable};
use syncline_kolibri::models::FacilityData;

use crate::fixtures::Scratch;

/// Models whose partition Kolibri looks up in other tables, so that no template can make it.
const BY_LOOKUP: [&str; 3] = ["coursesession", "coursesessionassignment", "unittestassignment"];

/// Visits each model, and returns the counts of those that have records.
fn each<V: ModelVisitor<Output = usize>>(visitor: impl Fn() -> V) -> BTreeMap<&'static str, usize> {
    (0..FacilityData::MODELS.len())
        .map(|index| (FacilityData::MODELS[index].name, FacilityData::visit(index, visitor()).unwrap()))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// Computes every record's identity and compares it with Kolibri's.
struct Compare<'d>(&'d Database);

impl ModelVisitor for Compare<'_> {
    type Output = usize;

    fn visit<M: Syncable>(self) -> usize {
        let mut count = 0;
        for record in Pipeline::new("records", M::stream(self.0)) {
            let record = record.unwrap();
            let kolibris = self.0.identity::<M>(record.record_id()).unwrap().unwrap();
            let ours = match M::MODEL.source_id {
                Some(_) => Identity::of(&record),
                None => Identity::with_source_id(&record, &*kolibris.source_id),
            };
            if BY_LOOKUP.contains(&M::NAME) {
                assert_eq!(ours, Err(InvalidRecord::NoPartition));
                let derived = Identity::derive::<M>(&kolibris.partition, &*kolibris.source_id);
                assert_eq!(derived, Ok(kolibris), "{}", M::NAME);
            } else {
                assert_eq!(ours, Ok(kolibris), "{}", M::NAME);
            }
            count += 1;
        }
        count
    }
}

#[test]
fn every_id_and_partition_is_that_which_kolibri_made() {
    let fixture = Scratch::of("kolibri-30");
    let database = Database::open_existing(fixture.path()).unwrap();
    let compared = each(|| Compare(&database));
    assert!(compared.len() > 20, "there are records of few models only: {compared:?}");
    let rows: usize = compared.values().sum();
    assert!(rows > 1000, "{compared:?}");
}

#[test]
fn kolibris_tables_are_as_they_are_declared() {
    let fixture = Scratch::of("kolibri-30");
    let database = Database::open_existing(fixture.path()).unwrap();
    let differences: Vec<_> =
        database.check::<FacilityData>().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(differences, [""; 0]);
}

/// Copies every record from one database to another by `insert_as`.
struct Fill<'d> {
    from: &'d Database,
    to: &'d Connection,
}

impl ModelVisitor for Fill<'_> {
    type Output = usize;

    fn visit<M: Syncable>(self) -> usize {
        let Self { from, to } = self;
        let mut count = 0;
        for record in Pipeline::new("records", M::stream(from)) {
            let mut record: M = record.unwrap();
            let id = record.record_id();
            if M::MODEL.source_id.as_ref().is_some_and(|template| template.to_string() != "{id}")
                && M::MODEL.partition.is_some()
            {
                // The id is computed.
                record.set_record_id(RecordId::NEW);
                let identity = Identity::of(&record).unwrap();
                to.insert_as(&mut record, identity).unwrap();
            } else {
                to.insert_as(&mut record, from.identity::<M>(id).unwrap().unwrap()).unwrap();
            }
            assert_eq!(record.record_id(), id);
            count += 1;
        }
        count
    }
}

#[test]
fn kolibris_tables_are_filled_one_record_at_a_time() {
    let original = Scratch::of("kolibri-30");
    // Kolibri saves this value, though its own validation refuses it (docs/morango.md, Q34), and so does `insert_as`.
    original.execute(
        "UPDATE exams_exam SET instant_report_visibility = 1 WHERE instant_report_visibility IS NULL",
    );
    let filled = original.copy();
    let tables: Vec<_> = FacilityData::MODELS.iter().map(|model| model.table).collect();
    filled.execute(&tables.iter().map(|table| format!("DELETE FROM {table};")).collect::<String>());
    {
        let from = Database::open_existing(original.path()).unwrap();
        let mut to = Database::open_existing(filled.path()).unwrap();
        let transaction = to.connection_mut().transaction().unwrap();
        each(|| Fill { from: &from, to: &transaction });
        transaction.commit().unwrap();
    }
    for table in tables {
        assert_eq!(rows(&filled, table), rows(&original, table), "{table}");
    }
}

/// All rows of a table, ordered by id.
fn rows(scratch: &Scratch, table: &str) -> Vec<Vec<Value>> {
    let connection = scratch.connect();
    let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY id")).unwrap();
    let columns = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| (0..columns).map(|index| row.get(index)).collect();
    statement.query_map([], read).unwrap().map(Result::unwrap).collect()
}

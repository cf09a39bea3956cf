//! Access paths of the dirty rows: a list of row ids, or a scan of all tables by their ids. The outcome is Morango's with either.

use syncline::Database;
use syncline::filter::Filter;
use syncline::sqlite::flow::{DirtyRows, SyncTransaction};
use syncline_kolibri::models::FacilityData;

use crate::compare::{Difference, assert_same, differences};
use crate::fixtures::Scratch;
use crate::program::serialize;

/// SQL that moves the last row of some tables far behind the others. A table's size is estimated by its last row id, so these seem
/// large, and few of their rows dirty. The sum of the sizes exceeds 64 bits.
const FAR_BEHIND: &str = "
    UPDATE logger_attemptlog SET rowid = 9223372036854775807 WHERE rowid = 1;
    UPDATE logger_usersessionlog SET rowid = 9223372036854775807 WHERE rowid = 1;
    UPDATE bookmarks_bookmark SET rowid = 9223372036854775807 WHERE rowid = 1;
    UPDATE exams_exam SET rowid = 9223372036854775807 WHERE rowid = 1;";

/// The way in which dirty rows are found and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessPath {
    /// Few: a list, read by row id.
    ByRowid,
    /// Many: all tables, read in the order of their ids.
    ById,
}

use AccessPath::{ById, ByRowid};

/// The SQL before a test's own that makes a database in which everything is dirty take each access path.
const PLANS: [(&str, AccessPath); 2] = [("", ById), (FAR_BEHIND, ByRowid)];

/// The access path that a serialise of `database` would take. A list is recognised by its length, so it must have 2000 rows at most.
pub(crate) fn access_path(database: &Scratch) -> AccessPath {
    let mut open = Database::open_existing(database.path()).unwrap();
    let transaction = SyncTransaction::<FacilityData>::begin(&mut open, &Filter::everything()).unwrap();
    if DirtyRows::new(&transaction).unwrap().is_bulk() { ById } else { ByRowid }
}

/// Serialises `kolibri-30` after `sql` by both access paths, and compares the results with Morango's.
#[track_caller]
fn check(sql: &str) {
    check_plans(sql, PLANS);
}

#[track_caller]
fn check_plans(sql: &str, plans: [(&str, AccessPath); 2]) {
    for (plan, path) in plans {
        let (expected, database) = (Scratch::of("kolibri-30-serialized"), Scratch::of("kolibri-30"));
        expected.execute(sql);
        database.execute(&format!("{plan}{sql}"));
        assert_eq!(access_path(&database), path);
        assert_eq!(serialize(database.path(), &[])["records"], 1695);
        assert_same(expected.path(), database.path(), &[]);
    }
}

#[test]
fn rows_far_behind_the_others() {
    check("");
}

#[test]
fn rows_before_the_first() {
    check("UPDATE logger_attemptlog SET rowid = -rowid; UPDATE lessons_lesson SET rowid = -9 - rowid;");
}

#[test]
fn tables_without_rows() {
    // The records are in the store, and are not on a list of deletions.
    let database = Scratch::of("kolibri-30-serialized");
    database.execute(&format!("{FAR_BEHIND} DELETE FROM logger_attemptlog; DELETE FROM lessons_lesson;"));
    assert_eq!(access_path(&database), ByRowid);
    assert_eq!(serialize(database.path(), &[])["records"], 0);
}

#[test]
fn a_table_without_rowids() {
    let columns =
        "id, _morango_dirty_bit, _morango_source_id, _morango_partition, collection_id, dataset_id, user_id";
    let sql = format!(
        "CREATE TABLE other ({}, PRIMARY KEY (id)) WITHOUT ROWID;
         INSERT INTO other SELECT {columns} FROM kolibriauth_membership;
         DROP TABLE kolibriauth_membership; ALTER TABLE other RENAME TO kolibriauth_membership;",
        columns.replace(',', " text,")
    );
    check_plans(&sql, PLANS.map(|(plan, _)| (plan, ById)));
}

#[test]
fn ids_that_are_spelt_otherwise() {
    for (plan, path) in PLANS {
        let database = Scratch::of("kolibri-30");
        database.execute(&format!(
            "{plan} UPDATE logger_attemptlog SET id = upper(id);
             UPDATE logger_usersessionlog SET id = substr(id, 1, 8) || '-' || substr(id, 9);"
        ));
        assert_eq!(access_path(&database), path);
        assert_eq!(serialize(database.path(), &[])["records"], 1695);
        // The ids in the app's tables keep their spelling, and the store has the canonical one.
        let elsewhere: Vec<Difference> =
            differences(Scratch::of("kolibri-30-serialized").path(), database.path())
                .into_iter()
                .filter(|difference| {
                    !["logger_attemptlog.*", "logger_usersessionlog.*"].contains(&&*difference.place())
                })
                .collect();
        assert_eq!(elsewhere, []);
        assert_eq!(database.one::<i64>("SELECT max(_morango_dirty_bit) FROM logger_attemptlog"), 0);
        assert_eq!(database.one::<i64>("SELECT max(_morango_dirty_bit) FROM logger_usersessionlog"), 0);
    }
}

/// `tests/peer/spoiled.rs` compares the same with Morango.
#[test]
fn one_id_in_two_models() {
    for (fixture, plan, path) in [
        ("kolibri-30", "", ById),
        ("kolibri-30", FAR_BEHIND, ByRowid),
        ("kolibri-30-serialized", FAR_BEHIND, ByRowid),
    ] {
        let database = Scratch::of(fixture);
        database.execute(&format!(
            "{plan} UPDATE bookmarks_bookmark SET _morango_dirty_bit = 1;
             UPDATE lessons_lesson SET _morango_dirty_bit = 1, id = (SELECT min(id) FROM bookmarks_bookmark)
             WHERE id = (SELECT min(id) FROM lessons_lesson)"
        ));
        assert_eq!(access_path(&database), path);
        let id: String = database.one("SELECT min(id) FROM bookmarks_bookmark");
        serialize(database.path(), &[]);
        let stored: String = database.one(&format!("SELECT serialized FROM morango_store WHERE id = '{id}'"));
        // A key of a bookmark, and one of a lesson.
        for key in ["contentnode_id", "is_active"] {
            assert!(stored.contains(&format!("\"{key}\": ")), "{stored}");
        }
        let counters = format!("SELECT count(*) FROM morango_recordmaxcounter WHERE store_model_id = '{id}'");
        assert_eq!(database.one::<i64>(&counters), 1);
        assert_eq!(database.one::<i64>("SELECT sum(_morango_dirty_bit) FROM lessons_lesson"), 0);
        assert_eq!(database.one::<i64>("SELECT sum(_morango_dirty_bit) FROM bookmarks_bookmark"), 0);
    }
}

//! However the dirty rows are found, by a list of where they stand or by reading all tables in the order of their ids,
//! the outcome is Morango's.

use crate::compare::{Difference, assert_same, differences};
use crate::fixtures::Scratch;
use crate::program::serialize;

/// A table whose last row stands far behind the others seems large, so that all dirty rows seem few: they are listed. In
/// several tables, their sizes together are more than a number holds.
const FAR_BEHIND: &str = "
    UPDATE logger_attemptlog SET rowid = 9223372036854775807 WHERE rowid = 1;
    UPDATE logger_usersessionlog SET rowid = 9223372036854775807 WHERE rowid = 1;
    UPDATE bookmarks_bookmark SET rowid = 9223372036854775807 WHERE rowid = 1;
    UPDATE exams_exam SET rowid = 9223372036854775807 WHERE rowid = 1;";

/// Each plan, as what a database in which everything is dirty needs for it.
const PLANS: [&str; 2] = ["", FAR_BEHIND];

/// Serialises `kolibri-30` after `sql`, by either plan, and compares with what Morango made of it.
#[track_caller]
fn check(sql: &str) {
    for plan in PLANS {
        let (expected, database) = (Scratch::of("kolibri-30-serialized"), Scratch::of("kolibri-30"));
        expected.execute(sql);
        database.execute(&format!("{plan}{sql}"));
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
    // Their records are in the store, and nothing is said of their deletion.
    let database = Scratch::of("kolibri-30-serialized");
    database.execute(&format!("{FAR_BEHIND} DELETE FROM logger_attemptlog; DELETE FROM lessons_lesson;"));
    assert_eq!(serialize(database.path(), &[])["records"], 0);
}

#[test]
fn a_table_without_rowids() {
    let columns =
        "id, _morango_dirty_bit, _morango_source_id, _morango_partition, collection_id, dataset_id, user_id";
    check(&format!(
        "CREATE TABLE other ({}, PRIMARY KEY (id)) WITHOUT ROWID;
         INSERT INTO other SELECT {columns} FROM kolibriauth_membership;
         DROP TABLE kolibriauth_membership; ALTER TABLE other RENAME TO kolibriauth_membership;",
        columns.replace(',', " text,")
    ));
}

#[test]
fn ids_that_are_spelt_otherwise() {
    for plan in PLANS {
        let database = Scratch::of("kolibri-30");
        database.execute(&format!(
            "{plan} UPDATE logger_attemptlog SET id = upper(id);
             UPDATE logger_usersessionlog SET id = substr(id, 1, 8) || '-' || substr(id, 9);"
        ));
        assert_eq!(serialize(database.path(), &[])["records"], 1695);
        // In the app's tables they stay as they are; the store has them as it always does.
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

/// `tests/peer/spoiled.rs` has Morango do the same.
#[test]
fn one_id_in_two_models() {
    for (fixture, plan) in
        [("kolibri-30", ""), ("kolibri-30", FAR_BEHIND), ("kolibri-30-serialized", FAR_BEHIND)]
    {
        let database = Scratch::of(fixture);
        database.execute(&format!(
            "{plan} UPDATE bookmarks_bookmark SET _morango_dirty_bit = 1;
             UPDATE lessons_lesson SET _morango_dirty_bit = 1, id = (SELECT min(id) FROM bookmarks_bookmark)
             WHERE id = (SELECT min(id) FROM lessons_lesson)"
        ));
        let id: String = database.one("SELECT min(id) FROM bookmarks_bookmark");
        serialize(database.path(), &[]);
        let stored: String = database.one(&format!("SELECT serialized FROM morango_store WHERE id = '{id}'"));
        // A bookmark's, and a lesson's.
        for key in ["contentnode_id", "is_active"] {
            assert!(stored.contains(&format!("\"{key}\": ")), "{stored}");
        }
        let counters = format!("SELECT count(*) FROM morango_recordmaxcounter WHERE store_model_id = '{id}'");
        assert_eq!(database.one::<i64>(&counters), 1);
        assert_eq!(database.one::<i64>("SELECT sum(_morango_dirty_bit) FROM lessons_lesson"), 0);
        assert_eq!(database.one::<i64>("SELECT sum(_morango_dirty_bit) FROM bookmarks_bookmark"), 0);
    }
}

//! The effect of single changes on the store. Each test changes a database that Morango has serialised.

use crate::compare::{Difference, assert_same, differences};
use crate::fixtures::Scratch;
use crate::program::serialize;

const DATASET: &str = "c9ca35cf208023164970b411b4afd9e1";
const OTHER_INSTANCE: &str = "fffffffffffffffffffffffffffffff0";

/// A lesson, as SQL. The text that Morango wrote for it is the expected text of many tests.
const LESSON: &str = "(SELECT min(id) FROM lessons_lesson)";
const TOUCH: &str =
    "UPDATE lessons_lesson SET _morango_dirty_bit = 1 WHERE id = (SELECT min(id) FROM lessons_lesson);";

/// Applies `given` to a serialised database and serialises it again. The expected result is the serialised database with
/// `expected` applied and, because it is the second run, counters of 2.
#[track_caller]
fn check(given: &str, expected: &str) {
    let database = Scratch::of("kolibri-30-serialized");
    let target = database.copy();
    database.execute(given);
    target.execute(
        "UPDATE morango_instanceidmodel SET counter = 2 WHERE current; UPDATE morango_databasemaxcounter SET counter = 2",
    );
    target.execute(expected);
    serialize(database.path(), &[]);
    assert_same(target.path(), database.path(), &[]);
}

/// The SQL of a run's changes to a lesson's counters.
fn saved(id: &str) -> String {
    format!(
        "UPDATE morango_store SET last_saved_counter = 2, last_saved_instance = (SELECT id FROM morango_instanceidmodel)
         WHERE id = {id};
         INSERT INTO morango_recordmaxcounter (store_model_id, instance_id, counter)
         VALUES ({id}, (SELECT id FROM morango_instanceidmodel), 2)
         ON CONFLICT DO UPDATE SET counter = 2;"
    )
}

#[test]
fn a_record_that_is_saved_without_a_change_gets_the_counter() {
    check(TOUCH, &saved(LESSON));
}

#[test]
fn a_clean_record_is_not_looked_at() {
    check("UPDATE lessons_lesson SET title = 'By hand'", "UPDATE lessons_lesson SET title = 'By hand'");
}

#[test]
fn an_empty_text_in_the_store_is_an_empty_object() {
    check(&format!("{TOUCH} UPDATE morango_store SET serialized = '' WHERE id = {LESSON}"), &saved(LESSON));
}

#[test]
fn bytes_that_spell_json_are_json() {
    for bytes in ["CAST(serialized AS BLOB)", "CAST(char(65279) || serialized AS BLOB)"] {
        let given = format!("{TOUCH} UPDATE morango_store SET serialized = {bytes} WHERE id = {LESSON}");
        check(&given, &saved(LESSON));
    }
}

#[test]
fn a_hard_deleted_record_that_is_there_again_is_undeleted() {
    check(
        &format!(
            "{TOUCH} UPDATE morango_store SET serialized = '{{}}', deleted = 1, hard_deleted = 1 WHERE id = {LESSON}"
        ),
        &saved(LESSON),
    );
}

#[test]
fn the_order_and_the_unknown_keys_of_the_store_are_kept() {
    let database = Scratch::of("kolibri-30-serialized");
    let text: String = database.one(&format!("SELECT serialized FROM morango_store WHERE id = {LESSON}"));
    let body = text.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
    let title = text.split_once("\"title\": ").unwrap().1.split_once(", \"description\"").unwrap().0;
    let without_title = body.replace(&format!("\"title\": {title}, "), "");
    check(
        &format!(
            "{TOUCH} UPDATE morango_store SET serialized =
             '{{\"zz\":{{\"é\" : 1.50}} ,\"title\":0,\"a\\u0041\":[ ],' || '{}}}' WHERE id = {LESSON}",
            without_title.replace('\'', "''")
        ),
        &format!(
            "{} UPDATE morango_store SET serialized =
             '{{\"zz\": {{\"\\u00e9\": 1.5}}, \"title\": {}, \"aA\": [], ' || '{}}}' WHERE id = {LESSON}",
            saved(LESSON),
            title.replace('\'', "''"),
            without_title.replace('\'', "''")
        ),
    );
}

#[test]
fn what_was_received_and_is_overtaken_is_kept_as_a_conflict() {
    for (text, old) in [("{\"title\": \"Theirs\"}", "older"), ("{\"title\": \"Theirs\"}", ""), ("", "older")]
    {
        let theirs = format!("serialized = '{text}', conflicting_serialized_data = '{old}', dirty_bit = 1");
        let database = Scratch::of("kolibri-30-serialized");
        database.execute(&format!("{TOUCH} UPDATE morango_store SET {theirs} WHERE id = {LESSON}"));
        serialize(database.path(), &[]);
        let column = |name: &str| {
            database.one::<String>(&format!("SELECT {name} || '' FROM morango_store WHERE id = {LESSON}"))
        };
        assert_eq!(column("conflicting_serialized_data"), format!("{text}\n{old}"));
        assert_eq!(column("dirty_bit"), "0");
        assert!(!column("serialized").contains("Theirs"), "the record here wins");
    }
}

#[test]
fn what_was_received_and_is_unchanged_here_waits() {
    let received = format!("UPDATE morango_store SET serialized = '{{}}', dirty_bit = 1 WHERE id = {LESSON}");
    check(&received, &received);
}

#[test]
fn what_came_with_a_transfer_no_longer_does() {
    check(
        &format!(
            "{TOUCH} UPDATE morango_store SET last_transfer_session_id = '{OTHER_INSTANCE}' WHERE id = {LESSON}"
        ),
        &saved(LESSON),
    );
}

#[test]
fn the_columns_that_an_update_does_not_touch() {
    let untouched = format!(
        "UPDATE morango_store SET partition = 'p', source_id = 's', profile = 'facilitydata',
         deserialization_error = 'e', deserialization_exception = 'x' WHERE id = {LESSON};"
    );
    check(&format!("{TOUCH} {untouched}"), &format!("{untouched} {}", saved(LESSON)));
}

#[test]
fn counters_of_other_instances_stay() {
    let counter = format!(
        "INSERT INTO morango_recordmaxcounter (store_model_id, instance_id, counter)
         SELECT {LESSON}, '{OTHER_INSTANCE}', 9;
         INSERT INTO morango_databasemaxcounter (instance_id, counter, partition) VALUES ('{OTHER_INSTANCE}', 9, '');"
    );
    let theirs = format!(
        "UPDATE morango_store SET last_saved_instance = '{OTHER_INSTANCE}', last_saved_counter = 9 WHERE id = {LESSON};
         DELETE FROM morango_recordmaxcounter WHERE store_model_id = {LESSON} AND counter = 1;"
    );
    check(&format!("{TOUCH} {counter} {theirs}"), &format!("{counter} {}", saved(LESSON)));
}

/// Deletes the lesson without the rows that refer to it. Keeps its id in the table `x` and its row in `y`.
const DELETED: &str =
    "CREATE TABLE x AS SELECT * FROM lessons_lesson WHERE id = (SELECT min(id) FROM lessons_lesson);
    DELETE FROM lessons_lesson WHERE id = (SELECT id FROM x);";
const ITS_ID: &str = "(SELECT id FROM x)";

#[test]
fn a_deleted_record_is_flagged_and_keeps_its_text() {
    check(
        &format!("{DELETED} INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM x;
                  UPDATE morango_store SET dirty_bit = 1, last_transfer_session_id = '{OTHER_INSTANCE}' WHERE id = {ITS_ID}"),
        &format!("{DELETED} {} UPDATE morango_store SET deleted = 1, last_transfer_session_id = '{OTHER_INSTANCE}'
                  WHERE id = {ITS_ID};", saved(ITS_ID)),
    );
}

#[test]
fn a_deleted_record_without_a_counter_of_ours_gets_one() {
    check(
        &format!(
            "{DELETED} INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM x;
                  DELETE FROM morango_recordmaxcounter WHERE store_model_id = {ITS_ID}"
        ),
        &format!("{DELETED} {} UPDATE morango_store SET deleted = 1 WHERE id = {ITS_ID};", saved(ITS_ID)),
    );
}

#[test]
fn a_hard_deleted_record_loses_its_text() {
    check(
        &format!(
            "{DELETED} INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM x;
                  INSERT INTO morango_harddeletedmodels SELECT id, 'facilitydata' FROM x;
                  UPDATE morango_store SET conflicting_serialized_data = 'old' WHERE id = {ITS_ID}"
        ),
        &format!(
            "{DELETED} {} UPDATE morango_store SET deleted = 1, hard_deleted = 1, serialized = '{{}}'
                  WHERE id = {ITS_ID};",
            saved(ITS_ID)
        ),
    );
}

#[test]
fn a_hard_deletion_alone_leaves_the_counters() {
    check(
        &format!("{DELETED} INSERT INTO morango_harddeletedmodels SELECT id, 'facilitydata' FROM x;"),
        &format!(
            "{DELETED} UPDATE morango_store SET hard_deleted = 1, serialized = '{{}}' WHERE id = {ITS_ID};"
        ),
    );
}

#[test]
fn a_deletion_that_the_store_never_heard_of_is_forgotten() {
    check(
        &format!(
            "INSERT INTO morango_deletedmodels VALUES ('{OTHER_INSTANCE}', 'facilitydata');
                  INSERT INTO morango_harddeletedmodels VALUES ('{OTHER_INSTANCE}', 'facilitydata');"
        ),
        "",
    );
}

#[test]
fn deletions_of_other_profiles_stay() {
    let theirs = "INSERT INTO morango_deletedmodels SELECT id, 'otherprofile' FROM lessons_lesson;
                  INSERT INTO morango_harddeletedmodels SELECT id, 'otherprofile' FROM lessons_lesson;";
    check(theirs, theirs);
}

// Morango marks such a record as deleted, and its peers then delete it (Q1).

#[test]
fn a_record_that_was_deleted_and_made_again_lives() {
    check(
        &format!(
            "INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM lessons_lesson WHERE id = {LESSON}; {TOUCH}"
        ),
        &saved(LESSON),
    );
    check(
        &format!("INSERT INTO morango_harddeletedmodels SELECT id, 'facilitydata' FROM lessons_lesson WHERE id = {LESSON};
                  INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM lessons_lesson WHERE id = {LESSON}; {TOUCH}"),
        &saved(LESSON),
    );
}

#[test]
fn a_record_that_was_made_again_lives_though_it_is_clean() {
    check("INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM lessons_lesson", "");
    check("INSERT INTO morango_harddeletedmodels SELECT id, 'facilitydata' FROM lessons_lesson", "");
    check("INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM kolibriauth_collection", "");
}

#[test]
fn a_record_that_was_made_again_lives_though_the_filter_leaves_it_out() {
    let database = Scratch::of("kolibri-30-serialized");
    database.execute(
        "INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM lessons_lesson;
                      INSERT INTO morango_harddeletedmodels SELECT id, 'facilitydata' FROM lessons_lesson;",
    );
    database.execute(TOUCH);
    let before = database.copy();
    serialize(database.path(), &["nobody"]);
    let changed: Vec<_> = differences(before.path(), database.path()).iter().map(Difference::place).collect();
    let mut expected = vec!["morango_databasemaxcounter.*"];
    expected.extend(["morango_deletedmodels.*"; 3]);
    // The third lesson is dirty, and its text is wiped when it is serialised.
    expected.extend(["morango_harddeletedmodels.*"; 2]);
    expected.push("morango_instanceidmodel.counter");
    assert_eq!(changed, expected);
    let listed: Vec<String> = database.all("SELECT id FROM morango_harddeletedmodels");
    let dirty: Vec<String> = database.all("SELECT id FROM lessons_lesson WHERE _morango_dirty_bit");
    assert_eq!(listed, dirty);
}

#[test]
fn a_record_that_is_new_and_listed_as_deleted_lives() {
    let database = Scratch::of("kolibri-30");
    database.execute("INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM lessons_lesson");
    serialize(database.path(), &[]);
    assert_same(Scratch::of("kolibri-30-serialized").path(), database.path(), &[]);
}

#[test]
fn an_id_counts_as_the_uuid_that_it_is() {
    // A reference may have any spelling that Python reads as a UUID.
    let spelt = "upper(substr(collection_id, 1, 8) || '-' || substr(collection_id, 9))";
    check(
        &format!("{TOUCH} UPDATE lessons_lesson SET collection_id = '{{' || {spelt} || '}}'"),
        &format!("{} UPDATE lessons_lesson SET collection_id = '{{' || {spelt} || '}}'", saved(LESSON)),
    );
}

#[test]
fn rows_of_another_kind_in_a_shared_table_are_left_alone() {
    let other = format!(
        "INSERT INTO kolibriauth_collection (id, _morango_dirty_bit, _morango_source_id, _morango_partition, name, kind,
                                             dataset_id, parent_id)
         VALUES ('{OTHER_INSTANCE}', 1, 's', '{DATASET}', 'A kind of its own', 'galaxy', '{DATASET}', NULL)"
    );
    check(&other, &other);
}

#[test]
fn only_the_current_instance_counts() {
    let retired = "INSERT INTO morango_instanceidmodel SELECT 'retired', platform, hostname, sysversion, node_id, 70, 0,
                   db_path, database_id, system_id FROM morango_instanceidmodel;";
    check(&format!("{retired} {TOUCH}"), &format!("{} {retired}", saved(LESSON)));
}

//! The parent of a record in the store, and its depth in databases of Morango 0.9.

use crate::compare::assert_same;
use crate::fixtures::Scratch;
use crate::program::serialize;

const FACILITY: &str = "73d0fdbc66758a553ca9b2e93f2abf4b";
const CLASSROOM: &str = "be66d616725af7461ef9d3a1564433b3";
const GROUP: &str = "1734c498f7d18cc2b023533a4c8f2788";
const AD_HOC: &str = "d6bd991d229262fb0801c9e75f8ca0b9";
const NOWHERE: &str = "00000000000000000000000000000000";

/// The columns that Morango's migration 0005 adds.
const MIGRATE: &str = "
    ALTER TABLE morango_store ADD COLUMN _self_ref_order integer NULL CHECK (_self_ref_order >= 0);
    ALTER TABLE morango_buffer ADD COLUMN _self_ref_order integer NULL CHECK (_self_ref_order >= 0);";

/// A fixture with the schema of Morango 0.9 and the depths of the stored records.
fn migrated(fixture: &str) -> Scratch {
    let database = Scratch::of(fixture);
    database.execute(MIGRATE);
    database.execute(
        "UPDATE morango_store SET _self_ref_order = CASE model_name WHEN 'facility' THEN 0 WHEN 'classroom' THEN 1 ELSE 2 END
         WHERE model_name IN ('facility', 'classroom', 'learnergroup', 'adhoclearnersgroup')",
    );
    database
}

fn order(database: &Scratch, id: &str) -> Option<i64> {
    database.one(&format!("SELECT _self_ref_order FROM morango_store WHERE id = '{id}'"))
}

fn parent(database: &Scratch, id: &str) -> String {
    database.one(&format!("SELECT _self_ref_fk FROM morango_store WHERE id = '{id}'"))
}

/// The SQL that adds a group below `parent`. The parent need not exist.
fn group(id: &str, parent: &str, kind: &str) -> String {
    format!(
        "INSERT INTO kolibriauth_collection (id, _morango_dirty_bit, _morango_source_id, _morango_partition, name, kind,
                                             dataset_id, parent_id)
         SELECT '{id}', 1, '{id}', _morango_partition, 'New', '{kind}', dataset_id, '{parent}'
         FROM kolibriauth_collection WHERE id = '{FACILITY}';"
    )
}

fn id(digit: char) -> String {
    digit.to_string().repeat(32)
}

#[test]
fn depth_is_counted_along_a_first_run() {
    let database = Scratch::of("kolibri-30");
    database.execute(MIGRATE);
    serialize(database.path(), &[]);
    assert_same(migrated("kolibri-30-serialized").path(), database.path(), &[]);
}

#[test]
fn a_root_is_0_and_has_no_parent() {
    let database = Scratch::of("kolibri-30");
    database.execute(MIGRATE);
    serialize(database.path(), &[]);
    assert_eq!((order(&database, FACILITY), parent(&database, FACILITY)), (Some(0), String::new()));
    assert_eq!((order(&database, CLASSROOM), parent(&database, CLASSROOM)), (Some(1), FACILITY.to_owned()));
    assert_eq!((order(&database, GROUP), parent(&database, GROUP)), (Some(2), CLASSROOM.to_owned()));
    assert_eq!((order(&database, AD_HOC), parent(&database, AD_HOC)), (Some(2), CLASSROOM.to_owned()));
    let others = "SELECT count(*) FROM morango_store WHERE _self_ref_order IS NOT NULL";
    assert_eq!(database.one::<i64>(others), 5, "records without a self-reference have no depth");
}

#[test]
fn a_parent_that_nobody_knows_gives_no_depth() {
    let database = migrated("kolibri-30-serialized");
    database.execute(&group(&id('a'), NOWHERE, "learnergroup"));
    serialize(database.path(), &[]);
    assert_eq!((order(&database, &id('a')), parent(&database, &id('a'))), (None, NOWHERE.to_owned()));
}

#[test]
fn a_parent_without_a_depth_gives_none() {
    let database = migrated("kolibri-30-serialized");
    database.execute(&format!("UPDATE morango_store SET _self_ref_order = NULL WHERE id = '{CLASSROOM}'"));
    database.execute(&group(&id('a'), CLASSROOM, "learnergroup"));
    serialize(database.path(), &[]);
    assert_eq!(order(&database, &id('a')), None);
}

#[test]
fn a_parent_may_be_made_in_the_same_run_before_or_after_its_child() {
    let database = migrated("kolibri-30-serialized");
    // A chain of parents against the order of ids, one along it, and one across models.
    database.execute(&group(&id('1'), &id('2'), "learnergroup"));
    database.execute(&group(&id('2'), &id('3'), "learnergroup"));
    database.execute(&group(&id('3'), CLASSROOM, "learnergroup"));
    database.execute(&group(&id('5'), CLASSROOM, "learnergroup"));
    database.execute(&group(&id('6'), &id('5'), "learnergroup"));
    database.execute(&group(&id('7'), &id('8'), "learnergroup"));
    database.execute(&group(&id('8'), FACILITY, "classroom"));
    serialize(database.path(), &[]);
    let orders: Vec<_> = "1235678".chars().map(|digit| order(&database, &id(digit)).unwrap()).collect();
    assert_eq!(orders, [4, 3, 2, 2, 3, 2, 1]);
}

#[test]
fn a_circle_of_parents_ends() {
    let database = migrated("kolibri-30-serialized");
    database.execute(&group(&id('1'), &id('2'), "learnergroup"));
    database.execute(&group(&id('2'), &id('1'), "learnergroup"));
    database.execute(&group(&id('3'), &id('3'), "learnergroup"));
    serialize(database.path(), &[]);
    assert_eq!("123".chars().map(|digit| order(&database, &id(digit))).collect::<Vec<_>>(), [None; 3]);
}

#[test]
fn a_deep_tree_is_counted_across_chunks_in_either_order() {
    // Records are read in the order of their ids. With these ids parents come first, or children.
    for name in [|depth: u32| format!("{depth:032x}"), |depth: u32| format!("{:032x}", 5000 - depth)] {
        let database = migrated("kolibri-30-serialized");
        let mut sql = "BEGIN;".to_owned() + &group(&name(1), CLASSROOM, "learnergroup");
        for depth in 2..=1200 {
            sql += &group(&name(depth), &name(depth - 1), "learnergroup");
        }
        database.execute(&(sql + "COMMIT;"));
        serialize(database.path(), &[]);
        for depth in [1, 2, 499, 500, 501, 502, 1000, 1001, 1200] {
            assert_eq!(order(&database, &name(depth)), Some(i64::from(depth) + 1), "{depth}");
        }
    }
}

#[test]
fn a_moved_group_gets_its_new_parent_and_depth_and_its_children_wait() {
    for (parent_id, expected_parent, expected_order) in [
        (format!("'{FACILITY}'"), FACILITY, Some(1)),
        (format!("'{AD_HOC}'"), AD_HOC, Some(3)),
        ("NULL".to_owned(), "", Some(0)),
        (format!("'{NOWHERE}'"), NOWHERE, None),
    ] {
        let database = migrated("kolibri-30-serialized");
        database.execute(&group(&id('a'), GROUP, "learnergroup"));
        serialize(database.path(), &[]);
        assert_eq!(order(&database, &id('a')), Some(3));
        database.execute(&format!(
            "UPDATE kolibriauth_collection SET parent_id = {parent_id}, _morango_dirty_bit = 1 WHERE id = '{GROUP}'"
        ));
        serialize(database.path(), &[]);
        assert_eq!(parent(&database, GROUP), expected_parent);
        assert_eq!(order(&database, GROUP), expected_order, "below {parent_id}");
        assert_eq!(order(&database, &id('a')), Some(3), "descendants are not renumbered");
    }
}

#[test]
fn a_depth_is_not_counted_again_while_the_parent_stays() {
    let database = migrated("kolibri-30-serialized");
    database.execute(&format!("UPDATE morango_store SET _self_ref_order = 40 WHERE id = '{GROUP}'"));
    database.execute("UPDATE kolibriauth_collection SET _morango_dirty_bit = 1");
    serialize(database.path(), &[]);
    assert_eq!(order(&database, GROUP), Some(40));
}

#[test]
fn a_child_counts_from_the_depth_that_its_parent_gets_in_the_same_run() {
    let database = migrated("kolibri-30-serialized");
    database.execute(&format!(
        "UPDATE kolibriauth_collection SET parent_id = NULL, _morango_dirty_bit = 1 WHERE id = '{CLASSROOM}'"
    ));
    database.execute(&group(&id('a'), CLASSROOM, "learnergroup"));
    serialize(database.path(), &[]);
    assert_eq!(order(&database, CLASSROOM), Some(0));
    assert_eq!(order(&database, &id('a')), Some(1));
}

#[test]
fn the_parent_is_written_where_there_is_no_depth() {
    let database = Scratch::of("kolibri-30-serialized");
    database.execute(&format!(
        "UPDATE kolibriauth_collection SET parent_id = '{FACILITY}', _morango_dirty_bit = 1 WHERE id = '{GROUP}'"
    ));
    serialize(database.path(), &[]);
    assert_eq!(parent(&database, GROUP), FACILITY);
}

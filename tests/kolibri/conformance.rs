//! Serialised fixtures equal those that Morango serialised, byte for byte.

use serde_json::Value;

use crate::compare::{Difference, assert_same, differences};
use crate::fixtures::Scratch;
use crate::program::serialize;

/// The group that was moved in `kolibri-30-mixed`. Morango 0.8.15 leaves its old parent in `_self_ref_fk`. Here, as in later
/// versions, the column has the parent of the record.
const MOVED_GROUP: &str = "1734c498f7d18cc2b023533a4c8f2788";

/// The counts of a run: created, updated, deleted, hard deleted.
fn counts(outcome: &Value) -> [i64; 4] {
    ["created", "updated", "deleted", "hard_deleted"].map(|key| outcome[key].as_i64().unwrap())
}

#[test]
fn a_first_run_makes_the_store_that_morango_makes() {
    let database = Scratch::of("kolibri-30");
    let outcome = serialize(database.path(), &[]);
    assert_eq!(counts(&outcome), [1695, 0, 0, 0]);
    assert_same(Scratch::of("kolibri-30-serialized").path(), database.path(), &[]);
}

#[test]
fn a_later_run_makes_the_changes_that_morango_makes() {
    let database = Scratch::of("kolibri-30-mixed");
    let outcome = serialize(database.path(), &[]);
    assert_eq!(counts(&outcome), [5, 141, 357, 67]);
    assert_eq!(outcome["records"], 146);
    let morangos = Scratch::of("kolibri-30-mixed-serialized");
    assert_same(morangos.path(), database.path(), &[("_self_ref_fk", MOVED_GROUP)]);

    let parent = |of: &Scratch| -> String {
        of.one(&format!("SELECT parent_id FROM kolibriauth_collection WHERE id = '{MOVED_GROUP}'"))
    };
    let stored = |of: &Scratch| -> String {
        of.one(&format!("SELECT _self_ref_fk FROM morango_store WHERE id = '{MOVED_GROUP}'"))
    };
    assert_eq!(stored(&database), parent(&database));
    assert_ne!(stored(&morangos), parent(&morangos), "the one value that may differ does");
}

#[test]
fn a_second_run_changes_nothing_but_the_counters() {
    for fixture in ["kolibri-30", "kolibri-30-mixed"] {
        let database = Scratch::of(fixture);
        serialize(database.path(), &[]);
        let after_first = database.copy();
        let outcome = serialize(database.path(), &[]);
        assert_eq!(counts(&outcome), [0; 4]);
        let changed: Vec<_> =
            differences(after_first.path(), database.path()).iter().map(Difference::place).collect();
        assert_eq!(changed, ["morango_databasemaxcounter.counter", "morango_instanceidmodel.counter"]);
        let counter: i64 = database.one("SELECT counter FROM morango_instanceidmodel WHERE current");
        assert_eq!(outcome["counter"], counter);
        assert_eq!(database.one::<i64>("SELECT max(counter) FROM morango_databasemaxcounter"), counter);
    }
}

#[test]
fn the_outcome_names_the_instance_that_wrote() {
    let database = Scratch::of("kolibri-30");
    let outcome = serialize(database.path(), &[]);
    let instance: String = database.one("SELECT id FROM morango_instanceidmodel WHERE current");
    assert_eq!(outcome["instance"], instance);
    assert_eq!(outcome["counter"], 1);
}

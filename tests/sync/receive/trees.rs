//! Trees: the parents first, by the store's column, and correct without orders.

use super::{App, VALIDATION_ERROR, failed, folder, id};

const DIRTY_PARENT: &str = "morango.errors.MorangoDirtyParent";
const MISSING_PARENT: &str = "morango.errors.MorangoMissingParent";

#[test]
fn children_come_behind_their_parents_at_any_depth() {
    let mut app = App::new();
    // The last one is the root, so the order of the store is the wrong one throughout.
    app.receives((0..1_200).map(|number| folder(number + 1, (number < 1_199).then_some(number + 2))));
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed(), report.further_passes), (1_200, 0, 0), "{report}");
}

#[test]
fn a_child_of_a_failed_parent_is_labelled() {
    let mut app = App::new();
    app.receives([folder(10, None).text("{"), folder(11, Some(10)), folder(12, Some(11)), folder(13, None)]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed()), (1, 3), "{report}");
    let label = failed(DIRTY_PARENT, "Parent is dirty; could not deserialize.");
    assert_eq!((app.failure(11).unwrap(), app.failure(12).unwrap()), (label.clone(), label));
}

#[test]
fn a_parent_that_is_not_in_the_store_is_labelled() {
    let mut app = App::new();
    app.receives([folder(11, Some(10)), folder(12, Some(11))]);
    assert_eq!(app.deserialize().failed(), 2);
    let label = failed(MISSING_PARENT, "Parent does not exist in Store; could not deserialize.");
    assert_eq!(app.failure(11).unwrap(), label);
    assert_eq!(app.failure(12).unwrap().0, DIRTY_PARENT);
    app.receives([folder(10, None)]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed()), (3, 0), "{report}");
}

#[test]
fn circles_end() {
    let mut app = App::new();
    app.receives([folder(10, Some(11)), folder(11, Some(10)), folder(12, Some(12)), folder(13, Some(10))]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed()), (0, 4), "{report}");
    for number in [10, 11, 12, 13] {
        assert_eq!(app.failure(number).unwrap().0, DIRTY_PARENT, "{number}");
    }
}

#[test]
fn the_column_says_who_is_tried_and_the_text_where_it_goes() {
    let mut app = App::new();
    let mut without = folder(11, Some(10));
    without.parent = String::new();
    let mut another = folder(12, Some(10));
    another.parent = id(99).to_string();
    app.receives([folder(10, None), without, another]);
    app.deserialize();
    assert!(app.has("folder", 11));
    assert_eq!(app.failure(12).unwrap().0, MISSING_PARENT);
}

#[test]
fn a_parent_that_the_app_lacks_is_a_fault_of_the_field() {
    let mut app = App::new();
    let mut child = folder(11, Some(10));
    child.parent = String::new();
    app.receives([child]);
    app.deserialize();
    let text = format!("{{'parent': [\"folder instance with id '{}' does not exist.\"]}}", id(10));
    assert_eq!(app.failure(11).unwrap(), failed(VALIDATION_ERROR, &text));
}

#[test]
fn children_of_a_deleted_parent_are_deleted_in_turn() {
    let mut app = App::new();
    app.receives([folder(10, None), folder(11, Some(10))]);
    app.deserialize();
    app.receives([
        folder(10, None).deleted(),
        folder(11, Some(10)),
        folder(12, Some(11)),
        folder(13, Some(12)),
    ]);
    let report = app.deserialize();
    assert_eq!((report.deleted(), report.passed_on(), report.failed()), (1, 3, 0), "{report}");
    assert_eq!(app.listed(), [11, 12, 13]);
    assert_eq!(app.get::<u64>("SELECT count(*) FROM folder", []), 0);
}

#[test]
fn a_filter_hides_a_parent() {
    let mut app = App::new();
    let mut elsewhere = folder(10, None);
    elsewhere.partition = "other".to_owned();
    app.receives([elsewhere, folder(11, Some(10))]);
    let report = app.database.deserialize::<super::Notes>().filter("folders").run().unwrap();
    assert_eq!(report.failed(), 1, "{report}");
    assert_eq!(app.failure(11).unwrap().0, MISSING_PARENT);
}

#[test]
fn a_move_is_an_update() {
    let mut app = App::new();
    app.receives([folder(10, None), folder(11, None), folder(12, Some(10))]);
    app.deserialize();
    app.receives([folder(12, Some(11))]);
    assert_eq!(app.deserialize().updated(), 1);
    assert_eq!(app.get::<String>("SELECT parent_id FROM folder WHERE id = ?1", [id(12)]), id(11).to_string());
}

#[test]
fn references_of_a_tree_are_ids_in_any_spelling() {
    let mut app = App::new();
    let spelt = |number: u32, json: &str| {
        let mut made = folder(number, Some(10)).with(&format!(r#""{}"}}"#, id(10)), &format!("{json}}}"));
        made.parent = String::new();
        made
    };
    app.receives([
        folder(10, None),
        spelt(11, r#""{00000000-0000-0000-0000-00000000000A}""#),
        spelt(12, r#""nonsense""#),
        spelt(13, "5"),
        spelt(14, "[]"),
        spelt(15, r#""\ud800""#),
        spelt(16, r#""00000000-0000-0000-0000-0000000000ff""#),
    ]);
    let report = app.deserialize();
    assert_eq!((report.created(), report.failed()), (2, 5), "{report}");
    let parent: String = app.get("SELECT parent_id FROM folder WHERE id = ?1", [id(11)]);
    assert_eq!(parent, id(10).to_string());
    for (number, class) in [(12, "ValueError"), (13, "KeyError"), (14, "KeyError"), (15, "ValueError")] {
        assert_eq!(app.failure(number).unwrap().0, format!("builtins.{class}"), "{number}");
    }
    let text =
        "{'parent': [\"folder instance with id '00000000-0000-0000-0000-0000000000ff' does not exist.\"]}";
    assert_eq!(app.failure(16).unwrap(), failed(VALIDATION_ERROR, text));
}

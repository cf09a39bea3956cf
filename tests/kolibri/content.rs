//! `check --deep` and `mend`: rows that are clean and differ from the store.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use syncline::sqlite::{Difference, FoundRecords};
use syncline::{Access as _, Database};
use syncline_kolibri::models::{FacilityData, FacilityUser};

use crate::fixtures::Scratch;
use crate::program::{run, serialize, text};

fn differences(database: &Scratch) -> Vec<Difference> {
    Database::open_read_only(database.path()).unwrap().check_deep::<FacilityData>().unwrap()
}

/// All rows of all tables, as text.
fn everything(database: &Scratch) -> BTreeMap<String, Vec<Vec<Value>>> {
    let connection = database.connect();
    let names: Vec<String> =
        database.all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    let rows = |name: &str| {
        let mut statement = connection.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let count = statement.column_count();
        let read = |row: &rusqlite::Row<'_>| (0..count).map(|index| row.get(index)).collect();
        statement.query_map([], read).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    };
    names.into_iter().map(|name| (name.clone(), rows(&name))).collect()
}

/// The rows that Kolibri has serialised equal the store. Its dirty rows are left out.
#[test]
fn databases_of_kolibri_have_no_difference() {
    for fixture in ["kolibri-30", "kolibri-30-serialized", "kolibri-30-mixed", "kolibri-30-mixed-serialized"]
    {
        let database = Scratch::of(fixture);
        assert_eq!(differences(&database), [], "{fixture}");
    }
    let database = Scratch::of("kolibri-30-mixed");
    serialize(database.path(), &[]);
    assert_eq!(differences(&database), []);
}

/// A version of Morango before 0.8.11 left such rows behind: learningequality/morango#325.
#[test]
fn clean_rows_that_differ_are_counted_and_marked() {
    let database = Scratch::of("kolibri-30-serialized");
    database.execute(include_str!("content/clean-but-different.sql"));
    let users: u64 = database.one("SELECT count(*) FROM kolibriauth_facilityuser");
    let found = differences(&database);
    let [Difference::OtherContent { model: "facilityuser", table, records }] = &*found else {
        panic!("{found:?}");
    };
    let FoundRecords { count, first, .. } = records;
    let ids: Vec<String> = database.all("SELECT id FROM kolibriauth_facilityuser ORDER BY id LIMIT 5");
    assert_eq!((*table, *count, first), ("kolibriauth_facilityuser", users, &ids));

    let output = run(["check".as_ref(), "--deep".as_ref(), database.path().as_os_str()]);
    assert_eq!(output.status.code(), Some(1));
    let sentence = text(&output.stdout);
    assert!(
        sentence.contains(&format!("{users} records")) && sentence.contains("command `mend`"),
        "{sentence}"
    );
    let output = run(["check".as_ref(), database.path().as_os_str()]);
    assert!(output.status.success(), "the schema is as declared");

    let before = everything(&database);
    let output = run(["mend".as_ref(), database.path().as_os_str()]);
    assert_eq!(text(&output.stdout), format!("marked {users} rows as changed\n"));
    let dirty: u64 = database.one("SELECT count(*) FROM kolibriauth_facilityuser WHERE _morango_dirty_bit");
    assert_eq!(dirty, users);
    database.execute("UPDATE kolibriauth_facilityuser SET _morango_dirty_bit = 0");
    assert_eq!(everything(&database), before, "only dirty bits change");

    run(["mend".as_ref(), database.path().as_os_str()]);
    assert_eq!(serialize(database.path(), &[])["updated"], users);
    assert_eq!(differences(&database), []);
    let names: Vec<String> = database.all(
        "SELECT DISTINCT json_extract(serialized, '$.full_name') FROM morango_store WHERE model_name = 'facilityuser'",
    );
    assert_eq!(names, ["clean but different"]);
}

/// Records that only the store has are listed as deleted only by the option that says so.
#[test]
fn records_that_only_the_store_has() {
    let database = Scratch::of("kolibri-30-serialized");
    let logs: u64 = database.one("SELECT count(*) FROM logger_contentsessionlog");
    assert!(logs > 0);
    database.execute("DELETE FROM logger_contentsessionlog");
    let found = differences(&database);
    assert!(
        matches!(&*found, [Difference::OnlyInStore { model: "contentsessionlog", records, .. }] if records.count == logs),
        "{found:?}"
    );
    let output = run(["mend".as_ref(), database.path().as_os_str()]);
    let sentences = text(&output.stdout);
    assert!(
        sentences.starts_with("marked 0 rows as changed\n") && sentences.contains("only in the store"),
        "{sentences}"
    );
    assert_eq!(database.one::<u64>("SELECT count(*) FROM morango_deletedmodels"), 0);
    let unknown = run([
        "mend".as_ref(),
        database.path().as_os_str(),
        "--delete-only-in-store".as_ref(),
        "nothing".as_ref(),
    ]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown.stderr).contains("there is no model `nothing`"));
    let output = run([
        "mend".as_ref(),
        database.path().as_os_str(),
        "--delete-only-in-store".as_ref(),
        "contentsessionlog".as_ref(),
    ]);
    assert_eq!(text(&output.stdout), format!("marked 0 rows as changed\nlisted {logs} records as deleted\n"));
    assert_eq!(differences(&database), []);
    assert_eq!(serialize(database.path(), &[])["deleted"], logs);
    assert_eq!(differences(&database), []);
}

/// A single record is ended by `delete`.
#[test]
fn a_record_that_only_the_store_has() {
    let database = Scratch::of("kolibri-30-serialized");
    let id: String = database.one("SELECT id FROM kolibriauth_facilityuser ORDER BY id LIMIT 1");
    database.execute(&format!("DELETE FROM kolibriauth_facilityuser WHERE id = '{id}'"));
    let opened = Database::open_existing(database.path()).unwrap();
    assert!(opened.delete::<FacilityUser>(id.parse().unwrap()).unwrap());
    drop(opened);
    assert_eq!(serialize(database.path(), &[])["deleted"], 1);
    assert_eq!(differences(&database), []);
}

/// Ids in another spelling are the ids of the store.
#[test]
fn ids_in_another_spelling() {
    let database = Scratch::of("kolibri-30-serialized");
    database.execute(
        "UPDATE logger_contentsessionlog SET id = upper(id) WHERE id IN (SELECT id FROM logger_contentsessionlog ORDER BY id LIMIT 2)",
    );
    let found = differences(&database);
    let count = |found: &[Difference]| {
        found.iter().any(|difference| {
            matches!(difference, Difference::OnlyInStore { .. } | Difference::NotInStore { .. })
        })
    };
    assert!(!count(&found), "{found:?}");
}

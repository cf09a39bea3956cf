//! The numbers of `status`. It changes and creates no file.

use std::fs;

use serde_json::Value;
use syncline::Profile as _;
use syncline_kolibri::models::FacilityData;

use crate::fixtures::Scratch;
use crate::program::{run, serialize, status, text};

/// Compares every number of `status` with that of an SQL query.
#[track_caller]
fn check(database: &Scratch) {
    let lines = status(database.path());
    let models: Vec<_> = lines.iter().map(|line| line["model"].as_str().unwrap().to_owned()).collect();
    assert_eq!(models, FacilityData::MODELS.iter().map(|model| model.name).collect::<Vec<_>>());
    for (line, model) in lines.iter().zip(FacilityData::MODELS) {
        let own = match model.discriminator {
            Some(discriminator) => format!("{} = '{}'", discriminator.column, discriminator.value),
            None => "1".to_owned(),
        };
        let count = |table: &str, test: &str| -> Value {
            database.one::<i64>(&format!("SELECT count(*) FROM {table} WHERE {test}")).into()
        };
        let stored = |test: &str| {
            count(
                "morango_store",
                &format!("profile = 'facilitydata' AND model_name = '{}' AND {test}", model.name),
            )
        };
        assert_eq!(line["rows"], count(model.table, &own), "{}", model.name);
        assert_eq!(
            line["dirty"],
            count(model.table, &format!("{own} AND _morango_dirty_bit")),
            "{}",
            model.name
        );
        assert_eq!(line["stored"], stored("1"), "{}", model.name);
        assert_eq!(line["deleted"], stored("deleted"), "{}", model.name);
        assert_eq!(line["in_conflict"], stored("conflicting_serialized_data <> ''"), "{}", model.name);
        // Left out where it is 0.
        let waiting = if stored("dirty_bit") == 0 { Value::Null } else { stored("dirty_bit") };
        assert_eq!(line["waiting"], waiting, "{}", model.name);
        assert!(line.get("failed").is_none(), "{}", model.name);
        assert_eq!(line.as_object().unwrap().len(), if waiting == Value::Null { 6 } else { 7 });
    }
}

#[test]
fn every_number_is_right() {
    for fixture in ["kolibri-30", "kolibri-30-serialized", "kolibri-30-mixed", "kolibri-30-mixed-serialized"]
    {
        check(&Scratch::of(fixture));
    }
}

#[test]
fn records_of_another_profile_are_not_counted() {
    let database = Scratch::of("kolibri-30-serialized");
    database.execute("UPDATE morango_store SET profile = 'other' WHERE model_name = 'lesson'");
    check(&database);
}

#[test]
fn nothing_is_dirty_after_a_run() {
    let database = Scratch::of("kolibri-30-mixed");
    serialize(database.path(), &[]);
    assert!(status(database.path()).iter().all(|line| line["dirty"] == 0));
    check(&database);
}

#[test]
fn no_file_is_made_or_changed() {
    for mode in ["wal", "delete"] {
        let database = Scratch::of("kolibri-30");
        let _: String = database.one(&format!("PRAGMA journal_mode = {mode}"));
        let (bytes, changed) =
            (fs::read(database.path()).unwrap(), fs::metadata(database.path()).unwrap().modified().unwrap());
        assert_eq!(status(database.path()).len(), 28);
        assert_eq!(database.files(), ["db.sqlite3"], "{mode}");
        assert!(fs::read(database.path()).unwrap() == bytes);
        assert_eq!(fs::metadata(database.path()).unwrap().modified().unwrap(), changed);
    }
}

#[test]
fn what_is_only_in_the_wal_is_counted_and_stays_there() {
    let database = Scratch::of("kolibri-30");
    let kolibri = database.connect();
    kolibri.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    kolibri.execute_batch("UPDATE lessons_lesson SET _morango_dirty_bit = 0").unwrap();
    let files = database.files();
    let wal = fs::read(database.folder().join("db.sqlite3-wal")).unwrap();
    let lesson = || status(database.path()).into_iter().find(|line| line["model"] == "lesson").unwrap();
    assert_eq!((&lesson()["rows"], &lesson()["dirty"]), (&Value::from(3), &Value::from(0)));
    assert_eq!(database.files(), files);
    assert!(fs::read(database.folder().join("db.sqlite3-wal")).unwrap() == wal);
    drop(kolibri);
}

#[test]
fn a_wal_that_a_crash_left_behind_is_counted_and_stays() {
    let database = Scratch::of("kolibri-30");
    let kolibri = database.connect();
    kolibri.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    kolibri.execute_batch("UPDATE lessons_lesson SET _morango_dirty_bit = 0").unwrap();
    // The copy has a `-wal` file and no `-shm` file, as after a crash.
    let crashed = database.copy();
    drop(kolibri);
    assert_eq!(crashed.files(), ["db.sqlite3", "db.sqlite3-wal"]);
    let lesson = status(crashed.path()).into_iter().find(|line| line["model"] == "lesson").unwrap();
    assert_eq!(lesson["dirty"], 0);
    assert_eq!(
        crashed.files(),
        ["db.sqlite3", "db.sqlite3-wal"],
        "what was there stays, and nothing is added"
    );
}

#[test]
fn people_get_a_table() {
    let database = Scratch::of("kolibri-30-serialized");
    let output = run(["status".as_ref(), database.path().as_os_str()]);
    assert!(output.status.success());
    let table = text(&output.stdout);
    assert_eq!(table.lines().count(), 30, "{table}");
    let last: Vec<_> = table.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(last, ["all", "1695", "0", "1695", "0", "0"]);
}

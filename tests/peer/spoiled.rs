//! Databases with one odd value each: this library's result equals Morango's, and it refuses what Morango refuses.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use rusqlite::Connection;

use crate::compare::differences;
use crate::fixtures::Scratch;
use crate::morango::{MACHINE, Morango};
use crate::{is_a_moved_record, none, program};

/// The odd values, as SQL.
const VALUES: [&str; 17] = [
    "'x'",
    "''",
    "x'00ff'",
    "x'27'",
    "x''",
    // Text that is not UTF-8.
    "CAST(x'61ff62' AS TEXT)",
    "5",
    "-1",
    "1.5",
    "'1.0'",
    "1e300",
    "9223372036854775807",
    "'a' || char(0) || 'b'",
    "'A0000000000000000000000000000000'",
    "'{a0000000-0000-0000-0000-000000000000}'",
    "hex(zeroblob(100))",
    "NULL",
];

/// More values, for columns of the app.
const APP_VALUES: [&str; 10] = [
    "x'7b7d'",
    "9e999",
    "2",
    "'true'",
    "'{\"a\": [1.50, NaN]}'",
    "'2024-02-30 01:02:03'",
    "'2024-01-02 03:04:05.678901(Africa/Nairobi)'",
    "'2024-01-02 03:04:05'",
    "'2024-01-02T03:04:05Z'",
    // Half of a surrogate pair, which is no UTF-8 either.
    "char(55357)",
];

const LESSON: &str = "(SELECT min(id) FROM lessons_lesson)";
const CLASS: &str = "(SELECT min(id) FROM kolibriauth_collection WHERE kind = 'classroom')";
const EXAM: &str = "(SELECT min(id) FROM exams_exam)";

/// The changes to the record whose store row has the odd value.
const TO_DO: [(&str, &str, &str); 5] = [
    ("updated", LESSON, "UPDATE lessons_lesson SET _morango_dirty_bit = 1 WHERE id = {id}"),
    (
        "in conflict",
        LESSON,
        "UPDATE lessons_lesson SET _morango_dirty_bit = 1 WHERE id = {id};
         UPDATE morango_store SET dirty_bit = 1 WHERE id = {id} AND dirty_bit = 0",
    ),
    ("in a tree", CLASS, "UPDATE kolibriauth_collection SET _morango_dirty_bit = 1 WHERE id = {id}"),
    (
        "deleted",
        LESSON,
        "INSERT INTO morango_deletedmodels SELECT {id}, 'facilitydata';
         DELETE FROM lessons_lesson WHERE id = {id}",
    ),
    (
        "hard deleted",
        LESSON,
        "INSERT INTO morango_deletedmodels SELECT {id}, 'facilitydata';
         INSERT INTO morango_harddeletedmodels SELECT {id}, 'facilitydata';
         DELETE FROM lessons_lesson WHERE id = {id}",
    ),
];

/// One of this many cases is compared, unless all are requested.
const SAMPLE: usize = 5;

/// Puts odd values into databases, a sample of all cases or, with `SYNCLINE_PEER_ALL`, each, and serialises them with Morango and with
/// this library. `seen` takes the name and the outcome of each case.
pub(crate) fn each(morango: &Morango, seen: &mut impl FnMut(&str, Result<(), String>)) {
    let base = Scratch::of("kolibri-30-serialized");
    let mut cases = cases(&base.connect());
    cases.extend(app_cases(&base.connect()));
    let all = cases.len();
    if env::var_os("SYNCLINE_PEER_ALL").is_none() {
        cases = cases.into_iter().step_by(SAMPLE).collect();
    }
    let mut refusals = 0;
    // In groups, to limit the disk space.
    for cases in cases.chunks(100) {
        let folder = Scratch::empty();
        let (spoilt, morangos) = (folder.folder().join("spoilt"), folder.folder().join("morangos"));
        fs::create_dir(&spoilt).unwrap();
        fs::create_dir(&morangos).unwrap();
        let file = |index: usize| format!("{index:04}.sqlite3");
        for (index, (_, sql)) in cases.iter().enumerate() {
            let spoilt = spoilt.join(file(index));
            fs::copy(base.path(), &spoilt).unwrap();
            spoil(&spoilt, sql);
            fs::copy(&spoilt, morangos.join(file(index))).unwrap();
        }
        let refused = morango.serialize_each(&morangos);
        refusals += refused.values().flatten().count();
        for (index, (name, _)) in cases.iter().enumerate() {
            let ours = Scratch::empty();
            fs::rename(spoilt.join(file(index)), ours.path()).unwrap();
            seen(name, compare(&morangos.join(file(index)), refused[&file(index)].as_deref(), &ours));
        }
    }
    println!("{} of {all} spoilt databases, of which Morango refuses {refusals}", cases.len());
    assert!(0 < refusals && refusals < cases.len());
}

/// The cases for columns of the app's tables, as names and SQL.
fn app_cases(base: &Connection) -> Vec<(String, String)> {
    let mut cases = Vec::new();
    let synced = "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c
                  WHERE m.type = 'table' AND c.name = '_morango_dirty_bit' ORDER BY 1";
    let mut synced = base.prepare(synced).unwrap();
    let tables: Vec<String> = synced.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for table in tables {
        for column in columns(base, &table) {
            // Morango does not write a changed parent of a collection (Q14).
            if column == "_morango_dirty_bit" || (table == "kolibriauth_collection" && column == "parent_id")
            {
                continue;
            }
            for value in VALUES.into_iter().chain(APP_VALUES) {
                cases.push((
                    format!("{table}.{column} = {value}"),
                    format!(
                        "UPDATE {table} SET _morango_dirty_bit = 1, {column} = {value}
                         WHERE id = (SELECT min(id) FROM {table})"
                    ),
                ));
            }
        }
    }
    cases
}

/// The cases for columns of the store, as names and SQL.
fn cases(base: &Connection) -> Vec<(String, String)> {
    let mut cases = Vec::new();
    let mut add = |name: String, sql: String| cases.push((name, sql));
    for value in VALUES {
        for (what, record, to_do) in TO_DO {
            for column in columns(base, "morango_store") {
                let decided = (column == "serialized" && value == "''" && !what.contains("deleted"))
                    || (column == "_self_ref_fk" && what == "in a tree");
                // These two differ from Morango (Q4, Q14).
                if column != "id" && !decided {
                    let to_do = to_do.replace("{id}", record);
                    let spoil = format!("UPDATE morango_store SET {column} = {value} WHERE id = {record}");
                    add(format!("{what}, morango_store.{column} = {value}"), format!("{spoil}; {to_do}"));
                }
            }
            for column in ["counter", "instance_id", "store_model_id"] {
                let to_do = to_do.replace("{id}", record);
                let spoil = format!(
                    "UPDATE morango_recordmaxcounter SET {column} = {value} WHERE store_model_id = {record}"
                );
                add(
                    format!("{what}, morango_recordmaxcounter.{column} = {value}"),
                    format!("{spoil}; {to_do}"),
                );
            }
        }
        for column in ["counter", "instance_id", "partition"] {
            add(
                format!("morango_databasemaxcounter.{column} = {value}"),
                format!("UPDATE morango_databasemaxcounter SET {column} = {value}"),
            );
        }
        add(
            format!("morango_instanceidmodel.counter = {value}"),
            format!("UPDATE morango_instanceidmodel SET counter = {value} WHERE current"),
        );
        for table in ["morango_deletedmodels", "morango_harddeletedmodels"] {
            add(
                format!("{table}.id = {value}"),
                format!("INSERT INTO {table} VALUES ({value}, 'facilitydata')"),
            );
            add(
                format!("{table}.profile = {value}"),
                format!("INSERT INTO {table} SELECT id, {value} FROM morango_store WHERE id = {EXAM}"),
            );
        }
        add(
            format!("a deleted id, and the store's: {value}"),
            format!(
                "UPDATE morango_store SET id = {value} WHERE id = {EXAM};
                 INSERT INTO morango_deletedmodels VALUES ({value}, 'facilitydata')"
            ),
        );
        for column in ["_morango_source_id", "_morango_partition", "_morango_dirty_bit"] {
            let spoil = format!(
                "UPDATE lessons_lesson SET _morango_dirty_bit = 1, {column} = {value} WHERE id = {LESSON}"
            );
            add(format!("lessons_lesson.{column} = {value}"), spoil.clone());
            let forget = format!(
                "DELETE FROM morango_recordmaxcounter WHERE store_model_id = {LESSON};
                 DELETE FROM morango_store WHERE id = {LESSON}"
            );
            add(format!("new, lessons_lesson.{column} = {value}"), format!("{spoil}; {forget}"));
        }
    }
    for (counter, current) in [("0", "1"), ("7", "1"), ("'x'", "1"), ("7", "2"), ("7", "0"), ("7", "'x'")] {
        for id in ["00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff", "nobody"] {
            add(
                format!("an instance {id} with counter {counter} and current {current}"),
                format!(
                    "INSERT INTO morango_instanceidmodel SELECT '{id}', platform, hostname, sysversion, node_id,
                     {counter}, {current}, db_path, database_id, system_id FROM morango_instanceidmodel WHERE current"
                ),
            );
        }
    }
    for (what, more) in [
        ("known, both changed", "UPDATE lessons_lesson SET _morango_dirty_bit = 1"),
        ("known, one changed", ""),
        (
            "new",
            "UPDATE lessons_lesson SET _morango_dirty_bit = 1;
             DELETE FROM morango_recordmaxcounter; DELETE FROM morango_store",
        ),
        (
            "in conflict",
            "UPDATE lessons_lesson SET _morango_dirty_bit = 1; UPDATE morango_store SET dirty_bit = 1",
        ),
    ] {
        for (table, record) in [("exams_exam", EXAM), ("kolibriauth_collection", CLASS)] {
            add(
                format!("one id in lessons_lesson and {table}, {what}"),
                format!(
                    "UPDATE {table} SET id = {LESSON}, _morango_dirty_bit = 1 WHERE id = {record}; {more}"
                ),
            );
        }
    }
    cases
}

fn columns(database: &Connection, table: &str) -> Vec<String> {
    let mut statement = database.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
    statement.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Executes `sql`. A violated constraint is no error: the database then stays valid.
fn spoil(database: &Path, sql: &str) {
    let connection = Connection::open(database).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    match connection.execute_batch(sql) {
        // For example NULL in a column that is NOT NULL.
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {}
        done => done.unwrap(),
    }
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

/// Serialises `ours` and compares the result with Morango's, which may be the error `refused`.
fn compare(morangos: &Path, refused: Option<&str>, ours: &Scratch) -> Result<(), String> {
    let before = ours.copy();
    let outcome =
        Command::new(program::PROGRAM).envs(MACHINE).arg("serialize").arg(ours.path()).output().unwrap();
    let message = program::text(&outcome.stderr);
    match refused {
        None if outcome.status.success() => {
            let different: Vec<_> = differences(morangos, ours.path())
                .into_iter()
                .filter(|difference| !is_a_moved_record(difference, ours.path()))
                .collect();
            none(&different)
        }
        None => Err(format!("Morango takes it, and ours says: {message}")),
        Some(refusal) if outcome.status.success() => {
            Err(format!("ours takes it, and Morango says: {refusal}"))
        }
        Some(_) => none(&differences(before.path(), ours.path())),
    }
}

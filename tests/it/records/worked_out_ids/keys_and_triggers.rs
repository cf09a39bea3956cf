//! Rows without an id in tables that have keys, checks and triggers of the app's own.

use syncline::RecordId;

use super::{Row, Things, each_writer, nothing_interim, with_a_note};
use crate::records::declarations::Notes;
use crate::records::{Scratch, all};

#[test]
fn what_does_not_fit_leaves_nothing_behind() {
    each_writer(|scratch, shell| {
        let (home, bread, insert) = with_a_note(scratch);
        let id = RecordId::random();
        for how in ["INSERT", "INSERT OR IGNORE", "INSERT OR FAIL", "REPLACE"] {
            let word = "x".repeat(64);
            let with_an_id = format!(
                "{how} INTO label (id, notebook_id, note_id, word) VALUES ('{id}', '{home}', '{bread}', '{word}')"
            );
            // Too long once `${id}` is replaced.
            let partition = "${id}".repeat(5);
            let in_place = format!(
                "{how} INTO label (notebook_id, note_id, _morango_partition) VALUES ('{home}', '{bread}', '{partition}')"
            );
            for (sql, message) in [
                (
                    insert(how, &word),
                    "syncline: _morango_source_id is text of at most 96 characters without a NUL",
                ),
                (with_an_id, "syncline: _morango_source_id is text of at most 96 characters without a NUL"),
                (in_place, "syncline: _morango_partition is text of at most 128 characters without a NUL"),
            ] {
                assert_eq!(shell.execute_batch(&sql).unwrap_err().to_string(), message, "{sql}");
                assert_eq!(all::<i64>(shell, "SELECT count(*) FROM label"), [0], "{sql}");
            }
        }
        assert_eq!(scratch.listed(), [""; 0]);
    });
}

#[test]
fn a_key_of_the_apps_own_leaves_nothing_behind() {
    each_writer(|scratch, shell| {
        let (.., insert) = with_a_note(scratch);
        shell.execute_batch("CREATE UNIQUE INDEX source ON label (_morango_source_id)").unwrap();
        scratch.database.create::<Notes>().unwrap();
        shell.execute_batch(&insert("INSERT", "now")).unwrap();
        let before = Row::one(shell, "label", "1");
        for how in ["INSERT", "INSERT OR IGNORE", "INSERT OR FAIL", "REPLACE"] {
            assert_eq!(
                shell.execute_batch(&insert(how, "now")).unwrap_err().to_string(),
                "syncline: no id can be computed for a row of label: give it one",
                "{how}"
            );
            assert_eq!(Row::one(shell, "label", "1"), before, "{how}");
        }
        shell.execute_batch(&insert("INSERT", "then")).unwrap();
        assert_eq!(all::<i64>(shell, "SELECT count(*) FROM label"), [2]);
        scratch.serialize();
        assert_eq!(
            all::<bool>(shell, "SELECT deleted FROM morango_store WHERE model_name = 'label'"),
            [false; 2]
        );
    });
}

#[test]
fn a_check_of_the_apps_own_leaves_nothing_behind() {
    let mut scratch = Scratch::empty();
    scratch.execute(
        "CREATE TABLE thing (id TEXT PRIMARY KEY NOT NULL DEFAULT ('new:' || lower(hex(randomblob(16)))), place TEXT NOT NULL,
             number INTEGER NOT NULL, name TEXT, data BLOB, _morango_source_id TEXT CHECK (_morango_source_id <> '5/nobody'))",
    );
    scratch.database.track::<Things>().unwrap();
    assert_eq!(
        scratch.refused("INSERT OR IGNORE INTO thing (place, number) VALUES ('here', 5)"),
        "syncline: no id can be computed for a row of thing: give it one"
    );
    scratch.execute("INSERT OR IGNORE INTO thing (place, number) VALUES ('here', 6)");
    nothing_interim(scratch.database.connection(), &["thing"]);
    assert_eq!(scratch.all::<i64>("SELECT number FROM thing"), [6]);
}

#[test]
fn a_trigger_of_the_apps_own_may_take_a_row_that_has_no_id_yet() {
    const TABLE: &str = "CREATE TABLE thing (id TEXT PRIMARY KEY NOT NULL DEFAULT ('new:' || lower(hex(randomblob(16)))),
        place TEXT NOT NULL, number INTEGER NOT NULL UNIQUE, name TEXT, data BLOB); CREATE TABLE once (done UNIQUE)";

    let once = "SELECT count(*) FROM once) = 0 BEGIN INSERT INTO once VALUES (1)";
    for (change, numbers) in [
        ("INSERT OR REPLACE INTO thing (place, number) VALUES ('there', new.number)", &[1, 5][..]),
        ("INSERT OR REPLACE INTO thing (rowid, place, number) VALUES (new.rowid, 'there', 6)", &[1, 6]),
        ("UPDATE OR REPLACE thing SET number = new.number WHERE number = 1", &[5]),
        ("DELETE FROM thing WHERE rowid = new.rowid", &[1]),
        ("UPDATE thing SET number = 7 WHERE rowid = new.rowid", &[1, 7]),
    ] {
        for recursive in [false, true] {
            let mut scratch = Scratch::empty();
            scratch.execute(&format!("PRAGMA recursive_triggers = {recursive}; {TABLE}"));
            scratch.database.track::<Things>().unwrap();
            scratch.execute("INSERT INTO thing (place, number) VALUES ('here', 1)");
            scratch.execute(&format!("CREATE TRIGGER own AFTER INSERT ON thing WHEN ({once}; {change}; END"));
            scratch.execute("INSERT INTO thing (place, number) VALUES ('here', 5)");
            let connection = scratch.database.connection();
            nothing_interim(connection, &["thing"]);
            assert_eq!(scratch.all::<i64>("SELECT number FROM thing ORDER BY number"), numbers, "{change}");
            for number in numbers {
                Row::one(connection, "thing", &format!("number = {number}")).is_hash("thing");
            }
            let serialized = scratch.database.serialize::<Things>().run().unwrap();
            assert_eq!(serialized.created, numbers.len() as u64, "{change}");
        }
    }
}

#[test]
fn a_table_that_deletes_nothing_is_left_with_nothing_half_done() {
    for recursive in [false, true] {
        let mut scratch = Scratch::empty();
        scratch.database.create::<Things>().unwrap();
        scratch.execute(&format!(
            "PRAGMA recursive_triggers = {recursive};
             CREATE TRIGGER own BEFORE DELETE ON thing BEGIN SELECT RAISE(IGNORE); END;
             INSERT INTO thing (place, number) VALUES ('here', 5)"
        ));
        for how in ["INSERT", "INSERT OR IGNORE", "INSERT OR FAIL", "REPLACE"] {
            assert_eq!(
                scratch.refused(&format!("{how} INTO thing (place, number) VALUES ('here', 5)")),
                "syncline: no id can be computed for a row of thing: give it one",
                "{how}"
            );
            nothing_interim(scratch.database.connection(), &["thing"]);
        }
        Row::one(scratch.database.connection(), "thing", "1").is_hash("thing");
    }
}

#[test]
fn a_trigger_of_the_apps_own_gives_no_id() {
    for (change, message) in [
        (
            "id = lower(hex(randomblob(16)))",
            "syncline: a row of notebook has its id from the start, or none: give it one in the INSERT",
        ),
        (
            "id = substr(id, 5)",
            "syncline: a row of notebook has its id from the start, or none: give it one in the INSERT",
        ),
        ("rowid = rowid + 100", "syncline: no id can be computed for a row of notebook: give it one"),
    ] {
        each_writer(|_, shell| {
            shell
                .execute_batch(&format!(
                    "CREATE TRIGGER own AFTER INSERT ON notebook BEGIN
                         UPDATE notebook SET {change} WHERE rowid = new.rowid;
                     END"
                ))
                .unwrap();
            for how in ["INSERT", "INSERT OR IGNORE", "INSERT OR FAIL", "REPLACE"] {
                let insert = format!("{how} INTO notebook (title) VALUES ('Home')");
                assert_eq!(shell.execute_batch(&insert).unwrap_err().to_string(), message, "{insert}");
            }
            assert_eq!(all::<i64>(shell, "SELECT count(*) FROM notebook"), [0]);
        });
    }
}

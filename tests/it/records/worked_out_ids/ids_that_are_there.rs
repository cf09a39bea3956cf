//! Rows inserted without an id whose computed id exists already.

use syncline::RecordId;

use super::{Row, Things, each_writer, with_a_note};
use crate::records::{Scratch, all};

#[test]
fn a_record_that_is_there_is_met_as_the_statement_says() {
    each_writer(|scratch, shell| {
        let (home, _, insert) = with_a_note(scratch);
        shell.execute_batch(&insert("INSERT", "now")).unwrap();
        scratch.serialize();
        let clean = || all::<i64>(shell, "SELECT count(*) FROM label WHERE NOT _morango_dirty_bit");
        let before = Row::one(shell, "label", "1");

        for how in ["INSERT", "INSERT OR ABORT", "INSERT OR FAIL"] {
            let error = shell.execute_batch(&insert(how, "now")).unwrap_err();
            assert_eq!(error.to_string(), "UNIQUE constraint failed: label.id", "{how}");
            assert_eq!(Row::one(shell, "label", "1"), before, "{how}");
        }
        shell.execute_batch(&insert("INSERT OR IGNORE", "now")).unwrap();
        assert_eq!(Row::one(shell, "label", "1"), before, "ignored");
        // An upsert does not see the conflict: it compares the placeholder.
        for upsert in ["DO NOTHING", "(id) DO UPDATE SET word = 'never'"] {
            let sql = format!("{} ON CONFLICT {upsert}", insert("INSERT", "now"));
            let error = shell.execute_batch(&sql).unwrap_err();
            assert_eq!(error.to_string(), "UNIQUE constraint failed: label.id", "{upsert}");
            assert_eq!(Row::one(shell, "label", "1"), before, "{upsert}");
        }
        shell.execute_batch(&format!("BEGIN; {}", insert("INSERT", "later"))).unwrap();
        let error = shell.execute_batch(&insert("INSERT OR ROLLBACK", "now")).unwrap_err();
        assert_eq!(error.to_string(), "UNIQUE constraint failed: label.id");
        assert!(shell.is_autocommit());
        assert_eq!((Row::one(shell, "label", "1"), clean()), (before, vec![1]), "rolled back");
        assert_eq!(scratch.listed(), [""; 0]);

        // There is still one row, now dirty.
        shell.execute_batch(&insert("REPLACE", "now")).unwrap();
        let after = Row::one(shell, "label", "1");
        after.is_hash("label");
        assert_eq!(after.partition, format!("{home}:labels"));
        let serialized = scratch.serialize();
        assert_eq!((serialized.created, serialized.updated, serialized.deleted), (0, 1, 0));
        assert_eq!(clean(), [1]);
    });
}

#[test]
fn of_many_rows_each_is_met_by_itself() {
    for (how, words, fails) in [
        ("INSERT", ["b", ""], true),
        ("INSERT OR FAIL", ["a", "b"], true),
        ("INSERT OR IGNORE", ["a", "b"], false),
        ("REPLACE", ["a", "b"], false),
    ] {
        each_writer(|scratch, shell| {
            let (home, bread, insert) = with_a_note(scratch);
            shell.execute_batch(&insert("INSERT", "b")).unwrap();
            let inserted = shell.execute(
                &format!(
                    "{how} INTO label (notebook_id, note_id, word) VALUES ('{home}', '{bread}', 'a'),
                         ('{home}', '{bread}', 'b'), ('{home}', '{bread}', 'a'), ('{home}', '{bread}', 'c')"
                ),
                [],
            );
            assert_eq!(inserted.is_err(), fails, "{how}: {inserted:?}");
            let mut expected: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            if !fails {
                expected.push("c");
            }
            assert_eq!(all::<String>(shell, "SELECT word FROM label ORDER BY word"), expected, "{how}");
            scratch.serialize();
            let stored = "SELECT count(*) FROM morango_store WHERE model_name = 'label' AND NOT deleted";
            assert_eq!(all::<usize>(shell, stored), [expected.len()], "{how}");
        });
    }
}

#[test]
fn a_record_that_is_replaced_takes_what_refers_to_it_along() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Things>().unwrap();
    scratch.execute(
        "INSERT INTO thing (place, number) VALUES ('here', 1);
         CREATE TABLE part (of REFERENCES thing (id) ON DELETE CASCADE);
         INSERT INTO part SELECT id FROM thing;
         INSERT OR IGNORE INTO thing (place, number) VALUES ('here', 1)",
    );
    assert_eq!(scratch.all::<i64>("SELECT count(*) FROM part"), [1]);
    scratch.execute("REPLACE INTO thing (place, number) VALUES ('here', 1)");
    assert_eq!(scratch.all::<i64>("SELECT count(*) FROM part"), [0]);
    assert_eq!(scratch.all::<i64>("SELECT count(*) FROM thing"), [1]);
}

#[test]
fn columns_that_no_model_declares_are_kept() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Things>().unwrap();
    scratch.execute(
        "ALTER TABLE thing ADD COLUMN shelf DEFAULT 'none';
         INSERT INTO thing (place, number, shelf) VALUES ('here', 1, 'top')",
    );
    assert_eq!(scratch.all::<String>("SELECT shelf FROM thing"), ["top"]);
    // Except for a row that replaces another.
    scratch.execute("REPLACE INTO thing (place, number, shelf) VALUES ('here', 1, 'top')");
    assert_eq!(scratch.all::<String>("SELECT shelf FROM thing"), ["none"]);
    scratch.execute("ALTER TABLE thing DROP COLUMN shelf");
    scratch.database.create::<Things>().unwrap();
}

#[test]
fn a_row_that_takes_the_place_of_another_is_the_new_one() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Things>().unwrap();
    for data in ["NULL", "x'00ff'", "x''"] {
        for _ in 0..2 {
            scratch.execute(&format!("REPLACE INTO thing (place, number, data) VALUES ('here', -1, {data})"));
            let sql = "SELECT quote(place) || quote(number) || quote(name) || upper(quote(data)) FROM thing";
            assert_eq!(scratch.all::<String>(sql), [format!("'here'-1NULL{}", data.to_uppercase())]);
        }
        assert_eq!(scratch.database.serialize::<Things>().run().unwrap().records(), 1);
    }
}

#[test]
fn a_record_that_the_store_knows_otherwise_is_refused() {
    each_writer(|scratch, shell| {
        let (home, bread, insert) = with_a_note(scratch);
        let id = RecordId::derive(&format!("{home}:labels"), &format!("{bread}:now"), "label");
        shell
            .execute_batch(&format!(
                "INSERT INTO label (id, notebook_id, note_id, word) VALUES ('{id}', '{home}', '{bread}', 'then')"
            ))
            .unwrap();
        scratch.serialize();
        let message = "syncline: the sync store has this record with another partition, source id or model, which never change: \
                       write the row of label with these, or with another id";
        let refused = |how: &str| {
            assert_eq!(shell.execute_batch(&insert(how, "now")).unwrap_err().to_string(), message, "{how}");
        };
        refused("REPLACE");
        assert_eq!(all::<String>(shell, "SELECT word FROM label"), ["then"]);
        shell.execute_batch("DELETE FROM label").unwrap();
        for how in ["INSERT", "REPLACE", "INSERT OR IGNORE", "INSERT OR FAIL"] {
            refused(how);
        }
        assert_eq!(all::<i64>(shell, "SELECT count(*) FROM label"), [0]);
        scratch.serialize();
        refused("INSERT");
    });
}

#[test]
fn a_deleted_record_comes_back() {
    each_writer(|scratch, shell| {
        let (.., insert) = with_a_note(scratch);
        for serialize in [false, true] {
            shell.execute_batch(&insert("INSERT", "now")).unwrap();
            scratch.serialize();
            let id = Row::one(shell, "label", "1").id;
            shell.execute_batch("DELETE FROM label").unwrap();
            assert_eq!(scratch.listed(), [id.as_str()]);
            if serialize {
                scratch.serialize();
            }
            shell.execute_batch(&insert("INSERT", "now")).unwrap();
            assert_eq!(Row::one(shell, "label", "1").id, id);
            scratch.serialize();
            let deleted: Vec<bool> =
                all(shell, &format!("SELECT deleted FROM morango_store WHERE id = '{id}'"));
            assert_eq!(deleted, [false]);
            shell.execute_batch("DELETE FROM label").unwrap();
        }
    });
}

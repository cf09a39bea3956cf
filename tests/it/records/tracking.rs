//! The triggers track every writer.

use rusqlite::Connection;
use syncline::{Access as _, RecordId};

use super::declarations::{Author, Label, Note, Notebook, Notes, note, notebook};
use super::{Scratch, all};

/// A serialised notebook with four notes.
struct Pantry {
    scratch: Scratch,
    home: RecordId,
    bread: RecordId,
    rye: RecordId,
    milk: RecordId,
    salt: RecordId,
}

impl Pantry {
    fn new() -> Self {
        let mut scratch = Scratch::new();
        let db = &scratch.database;
        let home = notebook(db, "Home");
        let bread = note(db, home, "Bread", None);
        let rye = note(db, home, "Rye", Some(bread));
        let [milk, salt] = ["Milk", "Salt"].map(|title| note(db, home, title, None));
        scratch.serialize();
        let pantry = Self { scratch, home, bread, rye, milk, salt };
        pantry.check("nothing is left", &[], &[]);
        pantry
    }

    #[track_caller]
    fn check(&self, what: &str, dirty: &[&str], deleted: &[RecordId]) {
        let mut deleted: Vec<_> = deleted.iter().map(RecordId::to_string).collect();
        deleted.sort();
        assert_eq!(
            (self.scratch.dirty_notes(), self.scratch.listed()),
            (dirty.iter().map(|title| (*title).to_owned()).collect(), deleted),
            "{what}"
        );
    }

    /// Serialises, and compares the store with the app's tables.
    #[track_caller]
    fn settle(&mut self) {
        self.scratch.serialize();
        self.check("after serialising", &[], &[]);
        let alive = "SELECT id || ' ' || source_id || ' ' || partition FROM morango_store \
                     WHERE NOT deleted AND model_name = 'note' ORDER BY id";
        let here =
            "SELECT id || ' ' || _morango_source_id || ' ' || _morango_partition FROM note ORDER BY id";
        assert_eq!(self.scratch.all::<String>(alive), self.scratch.all::<String>(here));
    }
}

/// Runs `check` with another program's connection, with and without `recursive_triggers`.
fn each_writer(check: impl Fn(&mut Pantry, &Connection)) {
    for recursive in [false, true] {
        let mut pantry = Pantry::new();
        let shell = pantry.scratch.shell();
        shell.pragma_update(None, "recursive_triggers", recursive).unwrap();
        check(&mut pantry, &shell);
        drop(shell);
        pantry.settle();
    }
}

#[test]
fn an_update_of_what_syncs_marks() {
    each_writer(|pantry, shell| {
        shell
            .execute_batch("UPDATE note SET scroll_position = 5; UPDATE note SET _morango_dirty_bit = 0")
            .unwrap();
        pantry.check("local columns, and the bit itself", &[], &[]);
        shell
            .execute_batch("UPDATE note SET TITLE = title, _morango_dirty_bit = 0 WHERE title = 'Milk'")
            .unwrap();
        pantry.check("a column that syncs", &["Milk"], &[]);
        shell.execute_batch("UPDATE note SET _morango_dirty_bit = 0").unwrap();
        pantry.check("only the bit", &[], &[]);
        for column in ["body = NULL", "stars = 2", "_morango_partition = _morango_partition"] {
            shell.execute_batch(&format!("UPDATE note SET {column} WHERE title = 'Salt'")).unwrap();
            pantry.check(column, &["Salt"], &[]);
            shell.execute_batch("UPDATE note SET _morango_dirty_bit = 0").unwrap();
        }
    });
}

#[test]
fn an_insert_marks_whatever_it_says() {
    each_writer(|pantry, shell| {
        let home = pantry.home;
        shell
            .execute_batch(&format!(
                "INSERT INTO note (notebook_id, title, stars) VALUES ('{home}', 'Tea', 0);
                 INSERT INTO note (notebook_id, title, stars, _morango_dirty_bit) VALUES ('{home}', 'Ale', 0, 0);
                 INSERT INTO note (notebook_id, title, stars) VALUES ('{home}', 'Pea', 0)
                     ON CONFLICT (id) DO UPDATE SET title = 'never'"
            ))
            .unwrap();
        pantry.check("inserted", &["Ale", "Pea", "Tea"], &[]);
        let tea: String = all(shell, "SELECT id FROM note WHERE title = 'Tea'").remove(0);
        assert!(RecordId::parse(&tea).is_ok());
        let identity =
            pantry.scratch.database.identity::<Note>(RecordId::parse(&tea).unwrap()).unwrap().unwrap();
        assert_eq!(identity.partition, format!("{home}:notes"));
        assert_eq!(identity.id, RecordId::derive(&identity.partition, &identity.source_id, "note"));
    });
}

#[test]
fn a_deletion_is_listed_with_all_that_it_takes_along() {
    each_writer(|pantry, shell| {
        shell.execute_batch("DELETE FROM note WHERE title = 'Milk'").unwrap();
        pantry.check("one", &[], &[pantry.milk]);
        shell.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM note WHERE title = 'Bread'").unwrap();
        pantry.check("a tree", &[], &[pantry.milk, pantry.bread, pantry.rye]);
        shell.execute_batch("DELETE FROM notebook").unwrap();
        let all = [pantry.home, pantry.milk, pantry.bread, pantry.rye, pantry.salt];
        pantry.check("everything", &[], &all);
    });
}

#[test]
fn a_deletion_of_all_rows_is_listed() {
    each_writer(|pantry, shell| {
        // SQLite truncates a table without visiting its rows, unless it has triggers.
        shell.execute_batch("DELETE FROM note").unwrap();
        pantry.check("all notes", &[], &[pantry.milk, pantry.bread, pantry.rye, pantry.salt]);
    });
}

#[test]
fn what_loses_its_reference_is_marked() {
    each_writer(|pantry, shell| {
        let db = &pantry.scratch.database;
        let mut author = super::declarations::Author { name: "Ada".to_owned(), ..Default::default() };
        db.insert(&mut author).unwrap();
        let mut label = Label {
            notebook_id: pantry.home,
            note_id: pantry.milk,
            author_id: Some(author.id),
            word: "now".to_owned(),
            ..Label::default()
        };
        db.insert(&mut label).unwrap();
        pantry.settle();
        shell.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM people").unwrap();
        assert_eq!(all::<bool>(shell, "SELECT _morango_dirty_bit FROM label"), [true]);
        pantry.check("the author", &[], &[author.id]);
        // It stays in its partition, as in Morango.
        let partition = format!("{}:labels:{}", pantry.home, author.id);
        assert_eq!(all::<String>(shell, "SELECT _morango_partition FROM label"), [partition]);
    });
}

#[test]
fn what_another_row_displaces_is_listed() {
    each_writer(|pantry, shell| {
        shell.execute_batch("CREATE UNIQUE INDEX title ON note (title COLLATE NOCASE)").unwrap();
        pantry.scratch.database.create::<Notes>().unwrap();
        let insert = |how: &str, title: &str| {
            shell.execute_batch(&format!(
                "INSERT {how} INTO note (notebook_id, title, stars) VALUES ('{}', '{title}', 9)",
                pantry.home
            ))
        };
        insert("OR REPLACE", "MILK").unwrap();
        pantry.check("by an insert", &["MILK"], &[pantry.milk]);
        shell.execute_batch("UPDATE OR REPLACE note SET title = 'salt' WHERE title = 'Rye'").unwrap();
        pantry.check("by an update", &["MILK", "salt"], &[pantry.milk, pantry.salt]);
        insert("OR IGNORE", "Bread").unwrap();
        assert!(insert("OR ABORT", "Bread").is_err());
        assert!(insert("OR FAIL", "Bread").is_err());
        insert("OR IGNORE", "Bread").unwrap();
        // Listed as deleted although it exists. `settle` checks that it stays alive.
        pantry.check("by nobody", &["MILK", "salt"], &[pantry.milk, pantry.salt, pantry.bread]);
    });
}

#[test]
fn what_the_rowid_displaces_is_listed() {
    each_writer(|pantry, shell| {
        let rowid: i64 = all(shell, "SELECT rowid FROM note WHERE title = 'Milk'").remove(0);
        shell
            .execute_batch(&format!(
                "REPLACE INTO note (rowid, notebook_id, title, stars) VALUES ({rowid}, '{}', 'Oats', 0)",
                pantry.home
            ))
            .unwrap();
        pantry.check("by an insert", &["Oats"], &[pantry.milk]);
        let rowid: i64 = all(shell, "SELECT rowid FROM note WHERE title = 'Salt'").remove(0);
        shell
            .execute_batch(&format!("UPDATE OR REPLACE note SET oid = {rowid} WHERE title = 'Rye'"))
            .unwrap();
        pantry.check("by an update", &["Oats"], &[pantry.milk, pantry.salt]);
    });
}

#[test]
fn a_replaced_record_lives_and_is_marked() {
    each_writer(|pantry, shell| {
        shell
            .execute_batch(&format!(
                "REPLACE INTO note (id, notebook_id, title, stars, _morango_dirty_bit)
                 VALUES ('{}', '{}', 'Goat milk', 0, 0)",
                pantry.milk, pantry.home
            ))
            .unwrap();
        assert_eq!(pantry.scratch.dirty_notes(), ["Goat milk"]);
    });
}

#[test]
fn a_changed_id_is_a_deletion_and_an_insertion() {
    each_writer(|pantry, shell| {
        let id = RecordId::random();
        shell.execute_batch(&format!("UPDATE note SET id = '{id}' WHERE title = 'Milk'")).unwrap();
        pantry.check("a note", &["Milk"], &[pantry.milk]);
        // The partition of a notebook contains its id.
        let id = RecordId::random();
        shell.execute_batch(&format!("UPDATE notebook SET id = '{id}'")).unwrap();
        let who: Vec<String> = all(shell, "SELECT _morango_partition || _morango_dirty_bit FROM notebook");
        assert_eq!(who, [format!("{id}:notes1")]);
        shell
            .execute_batch(&format!("UPDATE OR REPLACE note SET id = '{}' WHERE title = 'Rye'", pantry.salt))
            .unwrap();
        // The other may be listed as well, which does no harm while the record exists.
        let salt = format!("DELETE FROM morango_deletedmodels WHERE id = '{}'", pantry.salt);
        let listed: Vec<String> = pantry.scratch.listed();
        shell.execute_batch(&salt).unwrap();
        pantry.check("over another", &["Milk", "Rye"], &[pantry.home, pantry.milk, pantry.rye]);
        for id in listed {
            shell.execute("INSERT OR IGNORE INTO morango_deletedmodels VALUES (?1, 'notes')", [id]).unwrap();
        }
    });
}

#[test]
fn a_record_that_is_made_again_is_alive() {
    each_writer(|pantry, shell| {
        let row: String = all(shell, "SELECT _morango_source_id FROM note WHERE title = 'Milk'").remove(0);
        shell
            .execute_batch(&format!(
                "DELETE FROM note WHERE title = 'Milk';
                 INSERT INTO note (id, notebook_id, title, stars, _morango_source_id)
                 VALUES ('{}', '{}', 'Milk', 0, '{row}')",
                pantry.milk, pantry.home
            ))
            .unwrap();
        pantry.check("deleted and made again", &["Milk"], &[pantry.milk]);
    });
}

#[test]
fn a_record_that_is_written_over_by_hand_keeps_its_source_id() {
    each_writer(|pantry, shell| {
        let db = &pantry.scratch.database;
        let before = db.identity::<Note>(pantry.milk).unwrap().unwrap();
        assert_ne!(before.source_id, pantry.milk.to_string());
        shell
            .execute_batch(&format!(
                "REPLACE INTO note (id, notebook_id, title, stars) VALUES ('{}', '{}', 'Milk', 5)",
                pantry.milk, pantry.home
            ))
            .unwrap();
        assert_eq!(db.identity::<Note>(pantry.milk).unwrap().unwrap(), before);
    });
}

#[test]
fn two_models_of_one_profile_may_list_the_same_id() {
    let pantry = Pantry::new();
    let shell = pantry.scratch.shell();
    // Another model of the profile has listed the id.
    shell
        .execute_batch(&format!("INSERT INTO morango_deletedmodels VALUES ('{}', 'notes')", pantry.milk))
        .unwrap();
    shell.execute_batch("DELETE FROM note WHERE title = 'Milk'").unwrap();
    pantry.check("listed before", &[], &[pantry.milk]);
}

#[test]
fn the_helpers_are_tracked_like_others() {
    let mut pantry = Pantry::new();
    let db = &pantry.scratch.database;
    let mut milk = db.get::<Note>(pantry.milk).unwrap().unwrap();
    assert!(db.update(&milk).unwrap());
    milk.scroll_position = 9;
    assert!(db.update(&milk).unwrap());
    pantry.check("nothing that syncs", &[], &[]);
    milk.body = Some("fresh".to_owned());
    assert!(db.update(&milk).unwrap());
    pantry.check("a body", &["Milk"], &[]);
    assert!(db.delete::<Note>(pantry.bread).unwrap());
    pantry.check("a tree", &["Milk"], &[pantry.bread, pantry.rye]);
    pantry.settle();
    let serialized = pantry.scratch.serialize();
    assert_eq!((serialized.records(), serialized.deleted), (0, 0));
}

#[test]
fn a_row_that_could_not_sync_is_refused() {
    let mut pantry = Pantry::new();
    let (home, milk) = (pantry.home, pantry.milk);
    let check = |sql: &str, message: &str| {
        let found = pantry.scratch.refused(sql);
        assert!(found.contains(message), "{sql}: {found}");
    };
    for id in ["'5'", "5", "''", "upper(hex(randomblob(16)))", "x'00'", "NULL", "hex(randomblob(16)) || '0'"]
    {
        let sql = format!("INSERT INTO note (id, notebook_id, title, stars) VALUES ({id}, '{home}', 'x', 0)");
        let message = if id == "NULL" {
            "NOT NULL constraint failed: note.id"
        } else {
            "id is 32 lower-case hex digits"
        };
        check(&sql, message);
    }
    check(
        "INSERT INTO note (notebook_id, title, stars) VALUES ('home', 'x', 0)",
        "notebook_id is 32 lower-case hex digits",
    );
    check("UPDATE note SET parent_id = 'x'", "parent_id is 32 lower-case hex digits");
    let id = RecordId::random();
    check(
        &format!(
            "INSERT INTO label (id, notebook_id, note_id, word) VALUES ('{id}', '{home}', '{milk}', '{}')",
            "x".repeat(64)
        ),
        "_morango_source_id is text of at most 96 characters",
    );
    check(
        &format!("UPDATE note SET notebook_id = '{milk}'"),
        "syncline: the partition of a note never changes, and it is built from notebook_id: delete it, and insert it again",
    );
    check(
        "UPDATE note SET _morango_partition = ''",
        "syncline: the source id and the partition of a record are never empty",
    );
    check(
        "UPDATE note SET _morango_source_id = NULL",
        "syncline: the source id and the partition of a record are never empty",
    );
    pantry.check("nothing happened", &[], &[]);
    pantry.settle();
    assert_eq!(pantry.scratch.serialize().records(), 0);
}

#[test]
fn a_label_with_an_id_gets_the_rest() {
    let pantry = Pantry::new();
    let id = RecordId::random();
    pantry.scratch.execute(&format!(
        "INSERT INTO label (id, notebook_id, note_id) VALUES ('{id}', '{}', '{}')",
        pantry.home, pantry.milk
    ));
    let identity = pantry.scratch.database.identity::<Label>(id).unwrap().unwrap();
    assert_eq!(identity.source_id, format!("{}:later", pantry.milk));
    assert_eq!(identity.partition, format!("{}:labels", pantry.home));
}

/// The message for a row that contradicts the identity in the store.
const MOVED: &str = "syncline: the sync store has this record with another partition, source id or model, which never change: \
                     write the row of note with these, or with another id";

#[test]
fn a_record_that_the_store_knows_moves_by_no_statement() {
    each_writer(|pantry, shell| {
        let away = notebook(&pantry.scratch.database, "Away");
        pantry.scratch.serialize();
        shell.execute_batch("CREATE UNIQUE INDEX title ON note (title)").unwrap();
        pantry.scratch.database.create::<Notes>().unwrap();
        let (home, milk) = (pantry.home, pantry.milk);
        let columns = "id, notebook_id, title, stars";
        let elsewhere = format!("('{milk}', '{away}', 'Milk', 5)");
        for sql in [
            format!("REPLACE INTO note ({columns}) VALUES {elsewhere}"),
            format!("INSERT OR REPLACE INTO note ({columns}) SELECT id, '{away}', title, 5 FROM note"),
            // A title of another record, which `REPLACE` removes.
            format!("REPLACE INTO note ({columns}) VALUES ('{milk}', '{away}', 'Salt', 5)"),
            format!(
                "REPLACE INTO note ({columns}, _morango_partition, _morango_source_id)
                 SELECT id, notebook_id, title, stars, 'elsewhere', _morango_source_id FROM note WHERE id = '{milk}'"
            ),
            format!(
                "REPLACE INTO note ({columns}, _morango_source_id, _morango_dirty_bit)
                 VALUES ('{milk}', '{home}', 'Milk', 5, 'another', 0)"
            ),
            format!("DELETE FROM note WHERE id = '{milk}'; INSERT INTO note ({columns}) VALUES {elsewhere}"),
            format!(
                "DELETE FROM note WHERE id = '{milk}'; INSERT OR IGNORE INTO note ({columns}) VALUES {elsewhere}"
            ),
            format!(
                "INSERT INTO note ({columns}) VALUES {elsewhere} \
                 ON CONFLICT (id) DO UPDATE SET _morango_partition = 'elsewhere'"
            ),
            "UPDATE note SET _morango_partition = 'elsewhere'".to_owned(),
            "UPDATE OR IGNORE note SET _morango_source_id = 'another'".to_owned(),
            format!("UPDATE OR REPLACE note SET _morango_partition = 'elsewhere', title = 'Salt' WHERE id = '{milk}'"),
            // The id of a notebook, inserted as a note.
            format!("INSERT INTO note ({columns}) VALUES ('{home}', '{home}', 'Home', 0)"),
            format!("UPDATE note SET id = '{home}' WHERE id = '{milk}'"),
        ] {
            shell.execute_batch("BEGIN").unwrap();
            let error = shell.execute_batch(&sql).expect_err(&sql);
            assert_eq!(error.to_string(), MOVED, "{sql}");
            shell.execute_batch("ROLLBACK").unwrap();
            pantry.check(&sql, &[], &[]);
        }
    });
}

#[test]
fn a_record_that_comes_back_is_where_it_was() {
    each_writer(|pantry, shell| {
        let away = notebook(&pantry.scratch.database, "Away");
        let before = pantry.scratch.database.identity::<Note>(pantry.milk).unwrap().unwrap();
        // One was deleted and serialised; another was received and not yet deserialised.
        shell.execute_batch("DELETE FROM note WHERE title = 'Milk'").unwrap();
        pantry.scratch.serialize();
        let received = RecordId::random();
        shell
            .execute_batch(&format!(
                "INSERT INTO morango_store (id, profile, serialized, deleted, hard_deleted, last_saved_instance,
                     last_saved_counter, partition, source_id, model_name, conflicting_serialized_data, _self_ref_fk,
                     dirty_bit)
                 SELECT '{received}', profile, serialized, 0, 0, last_saved_instance, last_saved_counter, partition, 'theirs',
                     model_name, '', '', 1 FROM morango_store WHERE id = '{}'",
                pantry.milk
            ))
            .unwrap();
        let insert = |id: RecordId, notebook: RecordId| {
            shell.execute_batch(&format!(
                "INSERT INTO note (id, notebook_id, title, stars) VALUES ('{id}', '{notebook}', 'Milk', 0)"
            ))
        };
        for id in [pantry.milk, received] {
            assert_eq!(insert(id, away).unwrap_err().to_string(), MOVED);
            insert(id, pantry.home).unwrap();
        }
        let db = &pantry.scratch.database;
        assert_eq!(db.identity::<Note>(pantry.milk).unwrap().unwrap(), before);
        assert_eq!(db.identity::<Note>(received).unwrap().unwrap().source_id, "theirs");
    });
}

#[test]
fn a_row_that_stays_as_it_was_is_no_move() {
    each_writer(|pantry, shell| {
        let away = notebook(&pantry.scratch.database, "Away");
        let elsewhere = format!(
            "INTO note (id, notebook_id, title, stars) VALUES ('{}', '{away}', 'Milk', 5)",
            pantry.milk
        );
        shell
            .execute_batch(&format!(
                "INSERT OR IGNORE {elsewhere};
                 INSERT {elsewhere} ON CONFLICT DO NOTHING;"
            ))
            .unwrap();
        pantry.check("nothing", &[], &[]);
        shell
            .execute_batch(&format!(
                "INSERT {elsewhere} ON CONFLICT (id) DO UPDATE SET stars = excluded.stars"
            ))
            .unwrap();
        pantry.check("an upsert", &["Milk"], &[]);
        assert_eq!(all::<i64>(shell, "SELECT stars FROM note WHERE title = 'Milk'"), [5]);
    });
}

#[test]
fn a_record_that_nobody_else_knows_may_be_replaced_anywhere() {
    each_writer(|pantry, shell| {
        let away = notebook(&pantry.scratch.database, "Away");
        let tea = note(&pantry.scratch.database, pantry.home, "Tea", None);
        shell
            .execute_batch(&format!(
                "REPLACE INTO note (id, notebook_id, title, stars) VALUES ('{tea}', '{away}', 'Tea', 5)"
            ))
            .unwrap();
        let identity = pantry.scratch.database.identity::<Note>(tea).unwrap().unwrap();
        assert_eq!(identity.partition, format!("{away}:notes"));
    });
}

#[test]
fn a_label_written_over_by_hand_keeps_its_source_id() {
    each_writer(|pantry, shell| {
        let (notebook_id, note_id) = (pantry.home, pantry.milk);
        let mut label = Label { notebook_id, note_id, word: "now".to_owned(), ..Label::default() };
        pantry.scratch.database.insert(&mut label).unwrap();
        pantry.scratch.serialize();
        let before = pantry.scratch.database.identity::<Label>(label.id).unwrap().unwrap();
        shell
            .execute_batch(&format!(
                "REPLACE INTO label (id, notebook_id, note_id, word) VALUES ('{}', '{notebook_id}', '{note_id}', 'then')",
                label.id
            ))
            .unwrap();
        assert_eq!(pantry.scratch.database.identity::<Label>(label.id).unwrap().unwrap(), before);
    });
}

#[test]
fn what_an_identity_is_made_of_changes_with_the_id() {
    each_writer(|pantry, shell| {
        let db = &pantry.scratch.database;
        let away = notebook(db, "Away");
        let mut author = Author { name: "Ada".to_owned(), ..Author::default() };
        db.insert(&mut author).unwrap();
        let (notebook_id, note_id) = (pantry.home, pantry.milk);
        let mut label = Label { notebook_id, note_id, word: "now".to_owned(), ..Label::default() };
        db.insert(&mut label).unwrap();
        shell.execute_batch(&format!("DELETE FROM note WHERE id = '{}'", pantry.rye)).unwrap();
        let salt = db.identity::<Note>(pantry.salt).unwrap().unwrap();
        let rye: String =
            all(shell, &format!("SELECT source_id FROM morango_store WHERE id = '{}'", pantry.rye)).remove(0);
        let [anew, another, one] = [(); 3].map(|()| RecordId::random());
        shell
            .execute_batch(&format!(
                "UPDATE people SET id = '{anew}';
                 UPDATE label SET id = '{another}', word = 'then';
                 UPDATE note SET id = '{one}', notebook_id = '{away}' WHERE id = '{}';
                 UPDATE note SET id = '{}' WHERE title = 'Bread'",
                pantry.salt, pantry.rye
            ))
            .unwrap();
        assert_eq!(db.identity::<Author>(anew).unwrap().unwrap().source_id, anew.to_string());
        assert_eq!(db.identity::<Label>(another).unwrap().unwrap().source_id, format!("{note_id}:then"));
        let moved = db.identity::<Note>(one).unwrap().unwrap();
        assert_eq!((moved.source_id, moved.partition), (salt.source_id, format!("{away}:notes")));
        // A record that the store has keeps its source id.
        assert_eq!(db.identity::<Note>(pantry.rye).unwrap().unwrap().source_id, rye);
        // An id that is changed back to its old value.
        let home: RecordId = pantry.home;
        shell
            .execute_batch(&format!(
                "UPDATE notebook SET id = '{one}' WHERE id = '{home}'; UPDATE notebook SET id = '{home}' WHERE id = '{one}'"
            ))
            .unwrap();
        assert_eq!(db.identity::<Notebook>(home).unwrap().unwrap().partition, format!("{home}:notes"));
    });
}

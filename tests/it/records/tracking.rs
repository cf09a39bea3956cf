//! No writer gets past the triggers.

use rusqlite::Connection;
use syncline::{Access as _, RecordId};

use super::declarations::{Label, Note, Notes, note, notebook};
use super::{Scratch, all};

/// A notebook with four notes, serialised: nothing is dirty.
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

    /// Serialises, and compares the store with what the app has.
    #[track_caller]
    fn settle(&mut self) {
        self.scratch.serialize();
        self.check("after serialising", &[], &[]);
        let alive = "SELECT id FROM morango_store WHERE NOT deleted AND model_name = 'note' ORDER BY id";
        let ids: Vec<String> = self.scratch.all("SELECT id FROM note ORDER BY id");
        assert_eq!(self.scratch.all::<String>(alive), ids);
    }
}

/// A program that writes to the file, with and without `recursive_triggers`.
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
        for column in ["body = NULL", "stars = 2", "_morango_source_id = 'x'", "_morango_partition = 'p'"] {
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
        let who: Vec<String> = all(
            shell,
            "SELECT _morango_source_id || ' ' || _morango_partition FROM note WHERE title = 'Tea'",
        );
        assert_eq!(who, [format!("{tea} {home}:notes")]);
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
        // Which SQLite does without looking at the rows, where nobody wants to see them.
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
        // It stays where it was, as in Morango.
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
        // Listed for nothing, and alive: `settle` looks whether it still is after serialising.
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
        // A notebook's partition has its id in it.
        let id = RecordId::random();
        shell.execute_batch(&format!("UPDATE notebook SET id = '{id}'")).unwrap();
        let who: Vec<String> = all(shell, "SELECT _morango_partition || _morango_dirty_bit FROM notebook");
        assert_eq!(who, [format!("{id}:notes1")]);
        shell
            .execute_batch(&format!("UPDATE OR REPLACE note SET id = '{}' WHERE title = 'Rye'", pantry.salt))
            .unwrap();
        // The other may be listed too, which is no harm: there is such a record.
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
    // Some other profile of the same app's has listed it: it is ours by now, or the app's own doing.
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
    check(
        &format!("INSERT INTO label (notebook_id, note_id) VALUES ('{home}', '{milk}')"),
        "syncline: the id of a label follows from its columns: insert it with the app, or give it",
    );
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
        "syncline: a note stays in its partition, which is made of notebook_id: delete it, and insert it anew",
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

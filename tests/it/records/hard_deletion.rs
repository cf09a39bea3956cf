//! Hard deletion wipes the store's text of a record and of all records that it cascades to.

use syncline::{Access as _, RecordId};

use super::declarations::{Author, Label, Note, Notebook, note, notebook};
use super::{Scratch, all};

/// A serialised notebook with a note that has a page and a label, and with another note.
struct Diary {
    scratch: Scratch,
    home: RecordId,
    secret: RecordId,
    page: RecordId,
    label: RecordId,
    other: RecordId,
}

impl Diary {
    fn new() -> Self {
        let mut scratch = Scratch::new();
        let db = &scratch.database;
        let home = notebook(db, "Diary");
        let secret = note(db, home, "Secret", None);
        let page = note(db, home, "Secret page", Some(secret));
        let mut label =
            Label { notebook_id: home, note_id: page, word: "Secret".to_owned(), ..Label::default() };
        db.insert(&mut label).unwrap();
        let other = note(db, home, "Other", None);
        scratch.serialize();
        Self { scratch, home, secret, page, label: label.id, other }
    }

    fn secrets(&self) -> Vec<String> {
        sorted([self.secret, self.page, self.label])
    }

    /// The ids on the list of hard deletions.
    fn listed_hard(&self) -> Vec<String> {
        self.scratch.all("SELECT id FROM morango_harddeletedmodels WHERE profile = 'notes' ORDER BY id")
    }

    /// The store rows that are hard deleted and have no text.
    fn wiped(&self) -> Vec<String> {
        self.scratch.all(
            "SELECT id FROM morango_store WHERE hard_deleted AND deleted AND serialized = '{}' \
             AND conflicting_serialized_data = '' ORDER BY id",
        )
    }

    fn triggers(&self) -> Vec<String> {
        self.scratch.all("SELECT name FROM temp.sqlite_schema")
    }
}

fn sorted<const N: usize>(ids: [RecordId; N]) -> Vec<String> {
    let mut ids = ids.map(|id| id.to_string()).to_vec();
    ids.sort();
    ids
}

#[test]
fn all_that_is_deleted_along_with_it_is_forgotten() {
    let mut diary = Diary::new();
    assert!(diary.scratch.database.hard_delete::<Note>(diary.secret).unwrap());
    assert_eq!((diary.scratch.listed(), diary.listed_hard()), (diary.secrets(), diary.secrets()));
    assert_eq!(diary.triggers(), [""; 0]);

    let counted: i64 = diary.scratch.all("SELECT max(last_saved_counter) FROM morango_store")[0];
    let serialized = diary.scratch.serialize();
    assert_eq!((serialized.records(), serialized.deleted, serialized.hard_deleted), (0, 3, 3));
    assert_eq!((diary.scratch.listed(), diary.listed_hard()), (Vec::new(), Vec::new()));
    assert_eq!(diary.wiped(), diary.secrets());
    let left = "SELECT id FROM morango_store WHERE instr(serialized, 'Secret') ORDER BY id";
    assert_eq!(diary.scratch.all::<String>(left), [""; 0]);
    // The rows have the new counter, so that other machines request them.
    let counters = "SELECT DISTINCT last_saved_counter FROM morango_store WHERE hard_deleted";
    assert_eq!(diary.scratch.all::<i64>(counters), [counted + 1]);
    let alive = "SELECT id FROM morango_store WHERE NOT deleted AND NOT hard_deleted ORDER BY id";
    assert_eq!(diary.scratch.all::<String>(alive), sorted([diary.home, diary.other]));
    assert_eq!(diary.scratch.serialize().hard_deleted, 0);
}

#[test]
fn what_is_deleted_afterwards_keeps_its_text() {
    let mut diary = Diary::new();
    let db = &diary.scratch.database;
    assert!(db.hard_delete::<Note>(diary.page).unwrap());
    assert!(db.delete::<Note>(diary.secret).unwrap());
    diary.scratch.serialize();
    assert_eq!(diary.wiped(), sorted([diary.page, diary.label]));
    let kept: String = diary
        .scratch
        .all(&format!("SELECT serialized FROM morango_store WHERE id = '{}'", diary.secret))
        .remove(0);
    assert!(kept.contains("Secret"), "{kept}");
}

#[test]
fn where_there_is_none_nothing_is_listed() {
    let diary = Diary::new();
    let db = &diary.scratch.database;
    assert!(!db.hard_delete::<Note>(RecordId::random()).unwrap());
    // The record exists, but is of another model.
    assert!(!db.hard_delete::<Notebook>(diary.secret).unwrap());
    assert_eq!((diary.scratch.listed(), diary.listed_hard()), (Vec::new(), Vec::new()));
    assert_eq!(diary.triggers(), [""; 0]);
}

#[test]
fn what_a_trigger_of_the_apps_own_inserts_meanwhile_is_none_of_it() {
    let mut diary = Diary::new();
    let word = format!(
        "INSERT OR IGNORE INTO label (notebook_id, note_id, word) VALUES ('{}', '{}', 'torn out')",
        diary.home, diary.other
    );
    // If the trigger runs again, the label exists already and is ignored.
    diary.scratch.execute(&format!("CREATE TRIGGER own AFTER DELETE ON note BEGIN {word}; END"));
    assert!(diary.scratch.database.hard_delete::<Note>(diary.secret).unwrap());
    assert_eq!(diary.listed_hard(), diary.secrets());
    diary.scratch.serialize();
    assert_eq!(diary.wiped(), diary.secrets());
    assert_eq!(diary.scratch.all::<String>("SELECT word FROM label"), ["torn out"]);
}

#[test]
fn what_only_loses_its_reference_is_kept() {
    let mut diary = Diary::new();
    let db = &diary.scratch.database;
    let mut author = Author { name: "Ada".to_owned(), ..Author::default() };
    db.insert(&mut author).unwrap();
    let mut label = Label {
        notebook_id: diary.home,
        note_id: diary.other,
        author_id: Some(author.id),
        word: "mine".to_owned(),
        ..Label::default()
    };
    db.insert(&mut label).unwrap();
    diary.scratch.serialize();
    assert!(diary.scratch.database.hard_delete::<Author>(author.id).unwrap());
    assert_eq!(diary.listed_hard(), sorted([author.id]));
    diary.scratch.serialize();
    assert_eq!(diary.wiped(), sorted([author.id]));
    let kept: String = diary
        .scratch
        .all(&format!("SELECT serialized FROM morango_store WHERE id = '{}'", label.id))
        .remove(0);
    assert!(kept.contains("\"author_id\": null"), "{kept}");
}

#[test]
fn what_was_listed_before_is_listed_again() {
    let mut diary = Diary::new();
    let (secret, page) = (diary.secret, diary.page);
    // Deleted and inserted again: the record is listed as deleted, and exists.
    diary.scratch.execute(&format!(
        "CREATE TEMP TABLE kept AS SELECT * FROM note WHERE id = '{page}'; DELETE FROM note WHERE id = '{page}'; \
         INSERT INTO note SELECT * FROM kept; DROP TABLE kept; \
         INSERT INTO morango_harddeletedmodels VALUES ('{secret}', 'another')"
    ));
    assert!(diary.scratch.listed().contains(&page.to_string()));
    assert!(diary.scratch.database.hard_delete::<Note>(secret).unwrap());
    // The label was deleted when its note was deleted for the first time.
    assert_eq!(diary.listed_hard(), sorted([secret, page]));
    diary.scratch.serialize();
    assert_eq!(diary.wiped(), sorted([secret, page]));
}

#[test]
fn a_record_that_is_made_again_is_alive() {
    let mut diary = Diary::new();
    let db = &diary.scratch.database;
    let mut other: Note = db.get(diary.other).unwrap().unwrap();
    assert!(db.hard_delete::<Note>(diary.other).unwrap());
    db.insert(&mut other).unwrap();
    assert_eq!(other.id, diary.other);
    let serialized = diary.scratch.serialize();
    assert_eq!((serialized.updated, serialized.deleted, serialized.hard_deleted), (1, 0, 0));
    assert_eq!((diary.wiped(), diary.listed_hard()), (Vec::new(), Vec::new()));
}

#[test]
fn a_deletion_that_is_refused_lists_nothing() {
    let diary = Diary::new();
    let db = &diary.scratch.database;
    diary.scratch.execute(
        "CREATE TRIGGER kept BEFORE DELETE ON label BEGIN SELECT RAISE(ABORT, 'labels are kept'); END",
    );
    let error = db.hard_delete::<Note>(diary.secret).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        (error.to_string(), cause),
        ("deleting a record failed".to_owned(), "labels are kept".to_owned())
    );
    assert_eq!((diary.scratch.listed(), diary.listed_hard()), (Vec::new(), Vec::new()));
    assert_eq!(diary.triggers(), [""; 0]);
    diary.scratch.execute("DROP TRIGGER kept");
    assert!(db.delete::<Note>(diary.secret).unwrap());
    assert_eq!(diary.listed_hard(), [""; 0]);
}

#[test]
fn a_transaction_that_is_undone_undoes_it() {
    let mut diary = Diary::new();
    let secret = diary.secret;
    let transaction = diary.scratch.database.connection_mut().transaction().unwrap();
    assert!(transaction.hard_delete::<Note>(secret).unwrap());
    let listed = |connection| all::<String>(connection, "SELECT id FROM morango_harddeletedmodels").len();
    assert_eq!(listed(&transaction), 3);
    transaction.rollback().unwrap();
    assert_eq!(diary.listed_hard(), [""; 0]);
    assert!(diary.scratch.database.get::<Note>(secret).unwrap().is_some());
}

#[test]
fn records_are_deleted_while_they_are_read() {
    let diary = Diary::new();
    let db = &diary.scratch.database;
    let mut seen = 0;
    // A statement that is still open.
    let mut select = db.connection().prepare("SELECT id FROM note ORDER BY rowid").unwrap();
    let mut rows = select.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        assert!(db.hard_delete::<Note>(row.get(0).unwrap()).unwrap());
        seen += 1;
    }
    // The page was deleted with its note, before the statement reached it.
    assert_eq!(seen, 2);
    assert_eq!(diary.triggers(), [""; 0]);
    assert_eq!(diary.listed_hard(), sorted([diary.secret, diary.page, diary.label, diary.other]));
}

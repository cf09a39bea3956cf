//! Compositions of parts that do not belong together, and databases that interfere with the flow.

use std::num::NonZeroUsize;

use syncline::filter::Filter;
use syncline::sqlite::flow::{
    DeletionList, DeletionLookup, DeletionWriter, DirtyRows, ListedIds, StoreLookup, StoreUpdate,
    StoreWriter, SyncTransaction,
};
use syncline::{Access as _, Pipeline};

use super::super::Scratch;
use super::super::declarations::{Author, Note, Notes, note, notebook};
use super::checks::Before;
use super::parts;

type Run<'c> = SyncTransaction<'c, Notes>;

fn begin(scratch: &mut Scratch) -> Run<'_> {
    SyncTransaction::begin(&mut scratch.database, &Filter::everything()).unwrap()
}

/// One notebook and one note.
fn one_note() -> (Scratch, String) {
    let scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    let id = note(&scratch.database, home, "note", None).to_string();
    (scratch, id)
}

fn saved(scratch: &Scratch, id: &str) -> i64 {
    scratch.all(&format!("SELECT last_saved_counter FROM morango_store WHERE id = '{id}'"))[0]
}

/// The two lists are processed in two transactions. Peers have the counter of the first when the texts are erased.
#[test]
fn a_hard_deletion_in_a_transaction_of_its_own_has_a_new_counter() {
    let (mut scratch, id) = one_note();
    scratch.serialize();
    scratch.database.hard_delete::<Note>(id.parse().unwrap()).unwrap();
    let mut counters = Vec::new();
    for list in [DeletionList::Deleted, DeletionList::HardDeleted] {
        let before = Before::of(&scratch);
        let transaction = begin(&mut scratch);
        parts::deletions(&transaction, list);
        transaction.commit().unwrap();
        before.check(&scratch);
        counters.push(saved(&scratch, &id));
    }
    assert!(counters[0] < counters[1], "{counters:?}");
    assert_eq!(scratch.all::<String>("SELECT serialized FROM morango_store WHERE hard_deleted"), ["{}"]);
}

/// An id that was only to be marked must not have its text erased.
#[test]
fn a_row_is_not_marked_for_the_other_list() {
    let (mut scratch, id) = one_note();
    scratch.serialize();
    scratch.execute("DELETE FROM note");
    let transaction = begin(&mut scratch);
    let error = Pipeline::new("deletions", ListedIds::new(&transaction, DeletionList::Deleted))
        .buffer(NonZeroUsize::MIN)
        .pipe(DeletionLookup::new(&transaction))
        .end(DeletionWriter::new(&transaction, DeletionList::HardDeleted))
        .run()
        .unwrap_err();
    let message = format!("{:#}", anyhow::Error::new(error));
    assert!(message.contains(&id) && message.contains("another list"), "{message}");
    transaction.commit().unwrap();
    assert_eq!(scratch.all::<i64>("SELECT sum(hard_deleted) FROM morango_store"), [0]);
    assert_eq!(scratch.listed(), [id]);
}

/// The rowid of a row of one database means another row in another one.
#[test]
fn a_row_that_was_looked_up_in_another_database_is_refused() {
    let (mut scratch, id) = one_note();
    scratch.serialize();
    scratch.execute("UPDATE note SET stars = 5");
    let other = scratch.folder.path().join("other.sqlite3");
    scratch.execute(&format!("VACUUM INTO '{}'", other.display()));
    let mut other = syncline::Database::open(other).unwrap();
    // The copy has its rows in another place.
    other.connection().execute_batch("UPDATE morango_store SET rowid = 3 - rowid + 10").unwrap();
    let before = Before::of(&scratch);
    let transaction = begin(&mut scratch);
    let elsewhere: Run<'_> = SyncTransaction::begin(&mut other, &Filter::everything()).unwrap();
    let error = Pipeline::new("two databases", DirtyRows::new(&transaction).unwrap())
        .buffer(NonZeroUsize::MIN)
        .pipe(StoreLookup::new(&elsewhere))
        .unbuffer()
        .pipe(StoreUpdate::new(&transaction))
        .buffer(NonZeroUsize::MIN)
        .end(StoreWriter::new(&transaction))
        .run()
        .unwrap_err();
    let message = format!("{:#}", anyhow::Error::new(error));
    assert!(message.contains(&id) && message.contains("looked up in another transaction"), "{message}");
    drop(elsewhere);
    transaction.commit().unwrap();
    before.check(&scratch);
    assert_eq!(scratch.dirty_notes(), ["note"]);
}

/// A statement that changes no row has written nothing, and says so.
#[test]
fn a_row_that_a_trigger_ignores_is_not_written() {
    for event in ["INSERT", "UPDATE"] {
        let (mut scratch, id) = one_note();
        if event == "UPDATE" {
            scratch.serialize();
            scratch.execute("UPDATE note SET stars = 5");
        }
        scratch.execute(&format!(
            "CREATE TRIGGER ignore BEFORE {event} ON morango_store WHEN new.id = '{id}' \
             BEGIN SELECT RAISE(IGNORE); END"
        ));
        let before = Before::of(&scratch);
        let transaction = begin(&mut scratch);
        let message = parts::all(&transaction, false).unwrap_err();
        assert!(message.contains(&id) && message.contains("was not written"), "{message}");
        transaction.commit().unwrap_err();
        before.check(&scratch);
        assert_eq!(scratch.dirty_notes(), ["note"]);
    }
}

/// The same, for a row that is to be marked.
#[test]
fn a_row_that_a_trigger_ignores_is_not_marked() {
    let (mut scratch, id) = one_note();
    scratch.serialize();
    scratch.execute(
        "DELETE FROM note; \
         CREATE TRIGGER ignore BEFORE UPDATE ON morango_store BEGIN SELECT RAISE(IGNORE); END",
    );
    let error = scratch.database.serialize::<Notes>().run().unwrap_err();
    let message = format!("{:#}", anyhow::Error::new(error));
    assert!(message.contains(&id) && message.contains("was not marked"), "{message}");
    assert_eq!(scratch.listed(), [id]);
}

/// Two records of one id that were looked up before either was written: the keys of both are in the store.
#[test]
fn records_of_one_id_are_merged_however_they_come() {
    for is_stored in [false, true] {
        let (mut scratch, id) = one_note();
        let mut author = Author { id: id.parse().unwrap(), name: "Ann".to_owned() };
        scratch.database.insert(&mut author).unwrap();
        if is_stored {
            scratch.serialize();
            scratch.execute("UPDATE note SET stars = 7; UPDATE people SET name = 'Bob'");
            scratch.execute("UPDATE morango_store SET serialized = '{}'");
        }
        let transaction = begin(&mut scratch);
        let mut aside = parts::Aside::default();
        parts::collect_of(&transaction, "note", &mut aside);
        parts::collect_of(&transaction, "people", &mut aside);
        parts::write_aside(&transaction, &mut aside).unwrap();
        transaction.commit().unwrap();
        let text: Vec<String> =
            scratch.all(&format!("SELECT serialized FROM morango_store WHERE id = '{id}'"));
        assert!(text[0].contains("\"stars\"") && text[0].contains("\"name\""), "{text:?}");
    }
}

/// A record is deleted, and made again with its id in another spelling.
#[test]
fn a_record_made_again_in_another_spelling_is_alive() {
    for is_whole in [true, false] {
        let (mut scratch, id) = one_note();
        scratch.serialize();
        scratch.execute(&format!(
            "PRAGMA ignore_check_constraints = ON; CREATE TEMP TABLE kept AS SELECT * FROM note; DELETE FROM note; \
             UPDATE kept SET id = upper(id), title = 'again', _morango_dirty_bit = 1; \
             INSERT INTO note SELECT * FROM kept; DROP TABLE kept; \
             INSERT OR IGNORE INTO morango_deletedmodels (id, profile) VALUES ('{id}', 'notes')"
        ));
        let transaction = begin(&mut scratch);
        parts::all(&transaction, false).unwrap();
        if is_whole {
            parts::deletions(&transaction, DeletionList::Deleted);
        }
        transaction.commit().unwrap();
        assert_eq!(scratch.dirty_notes(), [""; 0]);
        assert_eq!(scratch.listed(), [""; 0]);
        let store: Vec<String> = scratch.all(&format!(
            "SELECT json_extract(serialized, '$.title') || deleted FROM morango_store WHERE id = '{id}'"
        ));
        assert_eq!(store, ["again0"]);
    }
}

/// Roots have the order 0, and their children the next ones, also without the stage that computes them.
#[test]
fn orders_do_not_depend_on_the_stage() {
    let mut scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    let root = note(&scratch.database, home, "root", None);
    let child = note(&scratch.database, home, "child", Some(root));
    note(&scratch.database, home, "grandchild", Some(child));
    let transaction = begin(&mut scratch);
    let rows = DirtyRows::new(&transaction).unwrap();
    let has_orders = transaction.schema().self_ref_order;
    Pipeline::new("without orders", rows)
        .buffer(NonZeroUsize::MIN)
        .pipe(StoreLookup::new(&transaction))
        .unbuffer()
        .pipe(StoreUpdate::new(&transaction))
        .buffer(NonZeroUsize::MIN)
        .end(StoreWriter::new(&transaction))
        .run()
        .unwrap();
    transaction.commit().unwrap();
    assert!(has_orders);
    let orders: Vec<i64> = scratch.all(
        "SELECT ifnull(_self_ref_order, -1) FROM morango_store WHERE model_name = 'note' ORDER BY _self_ref_order",
    );
    assert_eq!(orders, [0, 1, 2]);
}

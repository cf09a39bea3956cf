//! A hard deleted record that is made again before the next run starts from nothing.

use std::num::NonZeroUsize;

use syncline::filter::Filter;
use syncline::sqlite::flow::{DeletionList, ListedIds, SerializeDeletions, SyncTransaction};
use syncline::{Access as _, RecordId};

use super::{App, Flat, Item};

/// An app whose item `t1` has a conflicting text, a key that the model does not know, and an error of a transfer.
struct Again {
    app: App,
    item: Item,
}

impl Again {
    fn new() -> Self {
        let app = App::new();
        let id: String = app.all("SELECT id FROM item WHERE title = 't1'").remove(0);
        app.execute(&format!(
            "UPDATE morango_store SET conflicting_serialized_data = '{{\"title\": \"old secret\"}}', \
             serialized = json_insert(serialized, '$.newer', 'secret'), deserialization_error = 'secret' \
             WHERE id = '{id}'"
        ));
        let item = app.database.get::<Item>(RecordId::parse(&id).unwrap()).unwrap().unwrap();
        Self { app, item }
    }

    fn hard_delete(&self) {
        assert!(self.app.database.hard_delete::<Item>(self.item.id).unwrap());
    }

    fn make_again(&mut self) {
        "again".clone_into(&mut self.item.title);
        let id = self.item.id;
        self.app.database.insert(&mut self.item).unwrap();
        assert_eq!(self.item.id, id);
    }

    /// The record is alive in the store, which has nothing of the former one, and both lists are empty.
    #[track_caller]
    fn check(&self) {
        let row = format!(
            "SELECT serialized || '|' || conflicting_serialized_data || '|' || deleted || hard_deleted || dirty_bit \
             || ifnull(deserialization_error, '') FROM morango_store WHERE id = '{}'",
            self.item.id
        );
        let row = self.app.all::<String>(&row).remove(0);
        assert!(row.contains("again") && row.ends_with("||000"), "{row}");
        assert!(!row.contains("secret") && !row.contains("newer"), "{row}");
        for list in ["morango_deletedmodels", "morango_harddeletedmodels"] {
            assert_eq!(self.app.all::<i64>(&format!("SELECT count(*) FROM {list}")), [0], "{list}");
        }
        assert_eq!(self.app.audit(), [0, 0]);
    }
}

#[test]
fn by_insert() {
    let mut again = Again::new();
    again.hard_delete();
    again.make_again();
    let serialized = again.app.serialize();
    assert_eq!((serialized.updated, serialized.deleted, serialized.hard_deleted), (1, 0, 0));
    again.check();
}

#[test]
fn in_one_transaction() {
    let mut again = Again::new();
    let mut item = Item { title: "again".to_owned(), ..again.item.clone() };
    let transaction = again.app.database.connection_mut().transaction().unwrap();
    assert!(transaction.hard_delete::<Item>(item.id).unwrap());
    transaction.insert(&mut item).unwrap();
    transaction.commit().unwrap();
    again.app.serialize();
    again.check();
}

#[test]
fn by_another_program() {
    let mut again = Again::new();
    let id = again.item.id;
    again.app.execute(&format!(
        "INSERT INTO morango_harddeletedmodels VALUES ('{id}', 'flat'); DELETE FROM item WHERE id = '{id}'; \
         INSERT INTO item (id, place, title) VALUES ('{id}', 'home', 'again')"
    ));
    again.app.serialize();
    again.check();
}

#[test]
fn in_several_transactions() {
    let mut again = Again::new();
    again.app.execute(
        "WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 1500) \
         INSERT INTO item (id, place, title) SELECT lower(hex(randomblob(16))), 'home', 'n' || n FROM count",
    );
    again.hard_delete();
    again.make_again();
    let id = again.item.id;
    let every = NonZeroUsize::MIN;
    let commits = again.app.database.serialize::<Flat>().commit_every(every).run().unwrap().commits;
    assert!(commits > 2, "{commits}");
    again.check();
    // A text that arrives later stays: the id is on no list any more.
    again.app.execute(&format!(
        "UPDATE morango_store SET conflicting_serialized_data = '{{}}' WHERE id = '{id}'; \
         UPDATE item SET title = 'edited' WHERE id = '{id}'"
    ));
    again.app.serialize();
    let texts = format!("SELECT conflicting_serialized_data FROM morango_store WHERE id = '{id}'");
    assert_eq!(again.app.all::<String>(&texts), ["{}"]);
}

/// A run that does not serialise the record leaves its id on the list.
#[test]
fn under_another_filter_first() {
    let mut again = Again::new();
    again.hard_delete();
    again.make_again();
    let elsewhere = again.app.database.serialize::<Flat>().filter("elsewhere").run().unwrap();
    assert_eq!((elsewhere.records(), elsewhere.hard_deleted), (0, 0));
    let listed = "SELECT id FROM morango_harddeletedmodels";
    assert_eq!(again.app.all::<String>(listed), [again.item.id.to_string()]);
    assert_eq!(again.app.all::<i64>("SELECT count(*) FROM morango_store WHERE deleted OR hard_deleted"), [0]);
    again.app.serialize();
    again.check();
}

#[test]
fn by_a_flow_of_deletions_alone_first() {
    let mut again = Again::new();
    again.hard_delete();
    again.make_again();
    let run = SyncTransaction::<Flat>::begin(&mut again.app.database, &Filter::everything()).unwrap();
    for list in [DeletionList::Deleted, DeletionList::HardDeleted] {
        assert_eq!(SerializeDeletions::run(ListedIds::new(&run, list), &run, list).unwrap().output, 0);
    }
    run.commit().unwrap();
    again.app.serialize();
    again.check();
}

/// Deleted for good, made again, and deleted once more: the content is erased.
#[test]
fn and_deleted_once_more() {
    let mut again = Again::new();
    again.hard_delete();
    again.make_again();
    assert!(again.app.database.delete::<Item>(again.item.id).unwrap());
    assert_eq!(again.app.serialize().hard_deleted, 1);
    let row = format!(
        "SELECT serialized || conflicting_serialized_data || hard_deleted FROM morango_store WHERE id = '{}'",
        again.item.id
    );
    assert_eq!(again.app.all::<String>(&row), ["{}1"]);
}

/// A stored text that is no JSON is not read.
#[test]
fn over_a_text_that_cannot_be_merged() {
    let mut again = Again::new();
    again
        .app
        .execute(&format!("UPDATE morango_store SET serialized = 'secret [' WHERE id = '{}'", again.item.id));
    again.hard_delete();
    again.make_again();
    again.app.serialize();
    again.check();
}

/// The list of another profile says nothing about this record.
#[test]
fn the_list_of_another_profile_erases_nothing() {
    let mut again = Again::new();
    let id = again.item.id;
    again.app.execute(&format!(
        "INSERT INTO morango_harddeletedmodels VALUES ('{id}', 'another'); \
         UPDATE item SET title = 'edited' WHERE id = '{id}'"
    ));
    again.app.serialize();
    let row = format!("SELECT conflicting_serialized_data <> '' FROM morango_store WHERE id = '{id}'");
    assert_eq!(again.app.all::<bool>(&row), [true]);
}

/// The other ways to make a record again, each by another program: an `UPDATE` of an id, `REPLACE`, an upsert, a trigger
/// of the app that inserts the row at once.
#[test]
fn by_each_kind_of_statement() {
    for sql in [
        "REPLACE INTO item (id, place, title) VALUES ('{id}', 'home', 'again')",
        "INSERT INTO item (id, place, title) VALUES ('{id}', 'home', 'again') ON CONFLICT DO UPDATE SET title = 'x'",
        "UPDATE item SET id = '{id}', title = 'again', _morango_source_id = (SELECT source_id FROM morango_store \
         WHERE id = '{id}') WHERE title = 't2'",
        "INSERT INTO item (id, place, title, _morango_dirty_bit) VALUES ('{id}', 'home', 'first', 0); \
         UPDATE item SET title = 'again', _morango_dirty_bit = 0 WHERE id = '{id}'",
        "BEGIN; INSERT INTO item (id, place, title) VALUES ('{id}', 'home', 'undone'); ROLLBACK; \
         INSERT INTO item (id, place, title) VALUES ('{id}', 'home', 'again')",
    ] {
        let mut again = Again::new();
        again.hard_delete();
        again.app.execute(&sql.replace("{id}", again.item.id.as_str()));
        again.app.serialize();
        again.check();
    }
    let mut again = Again::new();
    again.app.execute(
        "CREATE TRIGGER immortal AFTER DELETE ON item BEGIN \
         INSERT INTO item (id, place, title) VALUES (old.id, old.place, 'again'); END",
    );
    again.hard_delete();
    again.app.serialize();
    again.check();
}

/// A deletion that is not hard keeps the text that the model does not know.
#[test]
fn after_a_plain_deletion_nothing_is_wiped() {
    let mut again = Again::new();
    assert!(again.app.database.delete::<Item>(again.item.id).unwrap());
    again.make_again();
    again.app.serialize();
    let row = format!(
        "SELECT json_extract(serialized, '$.newer') || conflicting_serialized_data FROM morango_store WHERE id = '{}'",
        again.item.id
    );
    assert_eq!(again.app.all::<String>(&row), ["secret{\"title\": \"old secret\"}"]);
}

/// The table is made anew between the deletion and the record that is made again.
#[test]
fn in_a_table_that_was_rebuilt() {
    let mut again = Again::new();
    again.hard_delete();
    let made =
        again.app.all::<String>("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'item'");
    again.app.execute(&format!(
        "{}; INSERT INTO new_item SELECT * FROM item; DROP TABLE item; ALTER TABLE new_item RENAME TO item; \
         INSERT INTO item (id, place, title, _morango_partition, _morango_source_id) SELECT id, 'home', 'again', partition, \
         source_id FROM morango_store WHERE id = '{}'",
        made[0].replacen("\"item\"", "new_item", 1),
        again.item.id
    ));
    let found = again.app.database.create::<Flat>().unwrap().comparison;
    assert_eq!(found.only_in_store(), 0, "{found}");
    again.app.serialize();
    again.check();
}

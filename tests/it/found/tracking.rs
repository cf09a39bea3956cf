//! Times in which changes were not tracked: by a trigger that was missing, other, or switched off.
//!
//! Each test edits the file as another program does. Afterwards the store has every change, or a call names the table and
//! the number of records, and the call that it names ends the difference.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod kinds;
mod rebuilt;
mod refusals;
mod statements;

use std::path::PathBuf;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use syncline::sqlite::{Comparison, Difference};
use syncline::{Access as _, Database, RecordId, Serialized, Syncable, profile};
use tempfile::TempDir;

#[derive(Debug, Clone, PartialEq, Default, Syncable)]
#[syncable(profile = Flat, model = "item", partition = "{place}:items")]
pub(super) struct Item {
    id: RecordId,
    place: String,
    title: String,
}

profile! {
    pub(super) Flat = "flat" { Item }
}

/// The app: a folder with a database of six items that are serialised.
struct App {
    folder: TempDir,
    database: Database,
}

impl App {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Database::open(folder.path().join("app.sqlite3")).unwrap();
        let comparison = database.create::<Flat>().unwrap().comparison;
        assert!(comparison.is_equal());
        for number in 0..6 {
            let mut item = Item { place: "home".into(), title: format!("t{number}"), ..Item::default() };
            database.insert(&mut item).unwrap();
        }
        let mut app = Self { folder, database };
        assert_eq!(app.serialize().records(), 6);
        assert_eq!(app.audit(), [0, 0]);
        app
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("app.sqlite3")
    }

    /// Another program's connection. The shell does not enforce foreign keys.
    fn connect(&self) -> Connection {
        let shell = Connection::open(self.path()).unwrap();
        shell.pragma_update(None, "foreign_keys", false).unwrap();
        shell
    }

    /// Runs a script of the `sqlite3` shell on a connection of its own.
    fn shell(&self, script: &str) {
        let shell = self.connect();
        for part in script.split_inclusive(";\n") {
            let part = match part.trim_start().strip_prefix(".dbconfig enable_trigger off\n") {
                Some(rest) => {
                    shell.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).unwrap();
                    rest
                }
                None => part,
            };
            shell.execute_batch(part).unwrap_or_else(|error| panic!("{part}: {error}"));
        }
    }

    /// Starts the app again, with a new connection.
    fn restart(&mut self) -> Comparison {
        self.database = Database::open(self.path()).unwrap();
        self.create()
    }

    fn create(&mut self) -> Comparison {
        self.database.create::<Flat>().unwrap().comparison
    }

    fn serialize(&mut self) -> Serialized {
        self.database.serialize::<Flat>().run().unwrap()
    }

    /// The rows that the store has not as they are, and the live records that no table has.
    fn audit(&self) -> [i64; 2] {
        let numbers: Vec<i64> = include_str!("tracking/audit.sql")
            .split(';')
            .filter(|sql| sql.contains("SELECT"))
            .map(|sql| self.one(sql))
            .collect();
        numbers.try_into().unwrap()
    }

    fn one<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.connect().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    fn id(&self, title: &str) -> RecordId {
        let id: String = self.one(&format!("SELECT id FROM item WHERE title = '{title}'"));
        id.parse().unwrap()
    }

    /// Asserts that the findings of `create` are these numbers of rows that differ, rows that the store lacks, and records
    /// that only the store has; and that the calls that it names end them.
    #[track_caller]
    fn check_found(&mut self, found: &Comparison, numbers: [u64; 3]) {
        assert_eq!(Self::numbers(found), numbers, "{found}");
        let [different, not_in_store, only_in_store] = numbers;
        let status = self.database.status::<Flat>().unwrap().remove(0);
        assert_eq!(status.only_in_store, only_in_store);
        assert!(status.dirty >= different + not_in_store);
        let serialized = self.serialize();
        assert_eq!(serialized.only_in_store, only_in_store);
        assert_eq!(self.audit(), [0, i64::try_from(only_in_store).unwrap()]);
        // It is not forgotten, nor answered, by itself.
        assert_eq!(self.create().only_in_store(), only_in_store);
        assert_eq!(self.database.delete_only_in_store::<Item>().unwrap(), only_in_store);
        let serialized = self.serialize();
        assert_eq!((serialized.deleted, serialized.only_in_store), (only_in_store, 0));
        assert_eq!(self.audit(), [0, 0]);
        assert_eq!(self.database.check_deep::<Flat>().unwrap(), []);
        assert!(self.create().models.is_empty(), "nothing is left to compare");
    }

    /// The numbers of the only model that was compared.
    #[track_caller]
    fn numbers(found: &Comparison) -> [u64; 3] {
        assert_eq!(found.models.len(), 1, "it was not compared");
        let item = &found.models[0];
        assert_eq!((item.model, item.table), ("item", "item"));
        [item.different.count, item.not_in_store.count, item.only_in_store.count]
    }
}

/// A migration tool makes a new table, copies the rows, drops the old table and renames the new one. Reported for other
/// tools as ariga/atlas#2700 and jeremyevans/sequel#1813.
#[test]
fn a_rebuilt_table() {
    let mut app = App::new();
    app.shell(include_str!("tracking/rebuilt-table.sql"));
    let changed = app.id("changed");
    let found = app.create();
    assert_eq!(found.models[0].different.first, [changed.to_string()]);
    app.check_found(&found, [1, 0, 1]);
}

/// The same in one transaction, with rows that are left out on the way.
#[test]
fn a_table_that_is_made_anew() {
    let mut app = App::new();
    app.shell(include_str!("tracking/made-anew.sql"));
    let found = app.create();
    app.check_found(&found, [1, 0, 1]);
}

/// Reported for another tool as vlcn-io/cr-sqlite#433.
#[test]
fn a_dropped_table() {
    let mut app = App::new();
    app.shell(include_str!("tracking/dropped-table.sql"));
    let found = app.create();
    app.check_found(&found, [0, 0, 6]);
}

/// `delete` and `hard_delete` end a record that only the store has.
#[test]
fn records_of_a_dropped_table_are_deleted_one_by_one() {
    let mut app = App::new();
    let (first, second, third) = (app.id("t0"), app.id("t1"), app.id("t2"));
    app.shell(include_str!("tracking/dropped-table.sql"));
    app.create();
    assert!(app.database.delete::<Item>(first).unwrap());
    assert!(!app.database.delete::<Item>(first).unwrap(), "it is deleted already");
    assert!(app.database.hard_delete::<Item>(second).unwrap());
    assert!(!app.database.hard_delete::<Item>(second).unwrap(), "it is deleted already");
    assert!(!app.database.delete::<Item>(RecordId::random()).unwrap());
    // Inserted again, a record is alive.
    let restored = Item { id: third, place: "home".into(), title: "restored".into() };
    let identity = app.database.connection().query_row(
        "SELECT source_id, partition FROM morango_store WHERE id = ?1",
        [third.as_str()],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
    );
    let (source_id, partition) = identity.unwrap();
    app.database
        .connection()
        .execute(
            "INSERT INTO item (id, _morango_source_id, _morango_partition, place, title) VALUES (?1, ?2, ?3, ?4, ?5)",
            (third.as_str(), source_id, partition, &restored.place, &restored.title),
        )
        .unwrap();
    assert_eq!(app.database.get::<Item>(third).unwrap(), Some(restored));
    let serialized = app.serialize();
    assert_eq!((serialized.deleted, serialized.hard_deleted), (2, 1));
    let marks: String = app.one(&format!(
        "SELECT group_concat(deleted || hard_deleted || serialized, ' ') FROM \
         (SELECT * FROM morango_store WHERE id = '{second}')"
    ));
    assert_eq!(marks, "11{}");
    assert_eq!(app.create().only_in_store(), 3, "three are left");
    assert_eq!(app.database.delete_only_in_store::<Item>().unwrap(), 3);
    app.serialize();
    assert_eq!(app.audit(), [0, 0]);
    // The text of a deleted record can still be wiped.
    assert!(app.database.hard_delete::<Item>(first).unwrap());
    assert!(!app.database.delete::<Item>(first).unwrap());
    assert_eq!(app.serialize().hard_deleted, 1);
    let text: String = app.one(&format!("SELECT serialized FROM morango_store WHERE id = '{first}'"));
    assert_eq!(text, "{}");
}

/// One trigger is dropped and made again by `create`.
#[test]
fn dropped_triggers() {
    let mut app = App::new();
    app.shell(include_str!("tracking/dropped-triggers.sql"));
    let found = app.create();
    app.check_found(&found, [1, 0, 1]);
}

/// The shell's `.dump` of one table, by its name, has the table and its rows and no triggers.
#[test]
fn the_dump_of_one_table() {
    let mut app = App::new();
    let dump = app.dump("item");
    app.shell("DROP TABLE item;\n");
    app.shell(&dump);
    app.shell("UPDATE item SET title = 'unseen' WHERE title = 't1'; DELETE FROM item WHERE title = 't2'");
    let found = app.restart();
    app.check_found(&found, [1, 0, 1]);
}

/// A connection with triggers off leaves no trace in the file, so only the comparison finds its edits.
#[test]
fn triggers_switched_off() {
    let mut app = App::new();
    let changed = app.id("t0");
    app.shell(include_str!("tracking/triggers-switched-off.sql"));
    assert!(app.create().models.is_empty(), "nothing tells of it");
    assert_eq!(app.serialize().records(), 0);
    assert_eq!(app.audit(), [1, 1]);
    let found = app.database.check_deep::<Flat>().unwrap();
    let [Difference::OtherContent { records, .. }, Difference::OnlyInStore { records: lost, .. }] = &*found
    else {
        panic!("{found:?}");
    };
    assert_eq!((records.count, &*records.first), (1, &[changed.to_string()][..]));
    assert_eq!(lost.count, 1);
    app.mend_and_check([1, 0, 1]);
}

/// An incremental write into a value runs no trigger.
#[test]
fn an_incremental_write() {
    let mut app = App::new();
    let shell = app.connect();
    let rowid = app.one("SELECT rowid FROM item WHERE title = 't1'");
    let mut blob = shell.blob_open("main", "item", "title", rowid, false).unwrap();
    std::io::Write::write_all(&mut blob, b"T9").unwrap();
    blob.close().unwrap();
    assert_eq!(app.id("T9"), app.id("T9"));
    app.create();
    assert_eq!(app.serialize().records(), 0);
    assert_eq!(app.audit(), [1, 0]);
    app.mend_and_check([1, 0, 0]);
}

impl App {
    /// The statements of the shell's `.dump` of one table.
    fn dump(&self, table: &str) -> String {
        let shell = self.connect();
        let create: String =
            self.one(&format!("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = '{table}'"));
        let columns: String = self.one(&format!(
            "SELECT group_concat('quote(' || name || ')', ' || '','' || ') FROM pragma_table_info('{table}')"
        ));
        let mut dump = format!("{create};\n");
        let mut rows = shell.prepare(&format!("SELECT {columns} FROM {table}")).unwrap();
        for values in rows.query_map([], |row| row.get::<_, String>(0)).unwrap() {
            dump.extend(["INSERT INTO ", table, " VALUES (", &values.unwrap(), ");\n"]);
        }
        dump
    }

    /// Marks the rows that differ, lists the records that only the store has as deleted, and asserts the numbers.
    #[track_caller]
    fn mend_and_check(&mut self, numbers: [u64; 3]) {
        let comparison = self.database.mark_differing::<Flat>().unwrap();
        assert_eq!(Self::numbers(&comparison), numbers);
        assert_eq!(self.database.delete_only_in_store::<Item>().unwrap(), numbers[2]);
        let serialized = self.serialize();
        assert_eq!((serialized.records(), serialized.deleted), (numbers[0] + numbers[1], numbers[2]));
        assert_eq!(self.audit(), [0, 0]);
        assert_eq!(self.database.check_deep::<Flat>().unwrap(), []);
    }
}

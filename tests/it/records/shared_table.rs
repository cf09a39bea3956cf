//! Several models on one table, which is created and tracked once.

use rusqlite::Connection;
use syncline::record::InvalidRecord;
use syncline::sqlite::RecordError;
use syncline::{Access as _, Database, RecordId, Syncable, profile};

use super::all;

/// A folder.
#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(
    profile = Files,
    model = "folder",
    table = "items",
    discriminator(kind = "folder"),
    partition = "{owner}:folders"
)]
struct Folder {
    id: RecordId,
    kind: String,
    owner: String,
    name: String,
    #[syncable(self_reference, on_delete = cascade)]
    inside_id: Option<RecordId>,
}

/// A file. Its id follows from the folder and the name.
#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(
    profile = Files,
    model = "file",
    table = "items",
    discriminator(kind = "file"),
    partition = "{owner}:files",
    source_id = "{inside_id|}/{name}"
)]
struct File {
    id: RecordId,
    kind: String,
    owner: String,
    name: String,
    #[syncable(self_reference, references = Folder, on_delete = cascade)]
    inside_id: Option<RecordId>,
    size: i64,
}

profile! { Files = "files" { Folder, File } }

fn folder(name: &str) -> Folder {
    let [kind, owner, name] = ["folder", "ada", name].map(str::to_owned);
    Folder { kind, owner, name, ..Folder::default() }
}

fn database() -> Database {
    let mut database = Database::from_connection(Connection::open_in_memory().unwrap()).unwrap();
    database.create::<Files>().unwrap();
    assert_eq!(database.check::<Files>().unwrap(), []);
    database
}

#[test]
fn each_row_is_of_its_own_model() {
    let mut database = database();
    let mut home = folder("home");
    database.insert(&mut home).unwrap();
    let [kind, owner, name] = ["file", "ada", "notes.txt"].map(str::to_owned);
    let mut notes = File { kind, owner, name, inside_id: Some(home.id), size: 5, ..File::default() };
    database.insert(&mut notes).unwrap();
    assert_eq!(database.get::<File>(home.id).unwrap(), None, "a folder is no file");
    assert!(!database.delete::<Folder>(notes.id).unwrap(), "a file is no folder");
    // By SQL: columns that only files have may be missing for a folder.
    let by_hand = "INSERT INTO items (kind, owner, name) VALUES ('folder', 'bob', 'work')";
    database.connection().execute_batch(by_hand).unwrap();

    let first = database.serialize::<Files>().run().unwrap();
    assert_eq!(first.created, 3);
    let sql = "SELECT model_name || ' ' || partition FROM morango_store ORDER BY partition";
    let stored: Vec<String> = all(database.connection(), sql);
    assert_eq!(stored, ["file ada:files", "folder ada:folders", "folder bob:folders"]);
    assert_eq!(
        database.identity::<File>(notes.id).unwrap().unwrap().source_id,
        format!("{}/notes.txt", home.id)
    );

    assert!(database.delete::<Folder>(home.id).unwrap());
    let second = database.serialize::<Files>().run().unwrap();
    assert_eq!((second.records(), second.deleted), (0, 2), "the file goes along");
}

#[test]
fn a_row_of_another_model_is_refused() {
    let database = database();
    let mut home = Folder { kind: "file".to_owned(), ..folder("home") };
    match database.insert(&mut home).unwrap_err() {
        RecordError::InvalidRecord { source, .. } => {
            assert_eq!(source, InvalidRecord::AnotherModel { column: "kind", value: "folder" });
        }
        other => panic!("{other}"),
    }
}

#[test]
fn each_row_without_an_id_gets_that_of_its_model() {
    for recursive in [false, true] {
        let mut database = database();
        let connection = database.connection();
        connection.pragma_update(None, "recursive_triggers", recursive).unwrap();
        let insert = |how: &str, kind: &str| {
            connection.execute_batch(&format!(
                "{how} INTO items (kind, owner, name, size) VALUES ('{kind}', 'ada', 'x', 1)"
            ))
        };
        let id = |kind: &str| {
            let ids: Vec<String> = all(connection, &format!("SELECT id FROM items WHERE kind = '{kind}'"));
            RecordId::parse(&ids[0]).unwrap()
        };
        insert("INSERT", "folder").unwrap();
        let source_id: String =
            all(connection, "SELECT _morango_source_id FROM items WHERE kind = 'folder'").remove(0);
        assert_eq!(id("folder"), RecordId::derive("ada:folders", &source_id, "folder"));

        insert("INSERT", "file").unwrap();
        let file = id("file");
        assert_eq!(file, RecordId::derive("ada:files", "/x", "file"));
        insert("INSERT OR IGNORE", "file").unwrap();
        let error = insert("INSERT", "file").unwrap_err();
        assert_eq!(error.to_string(), "UNIQUE constraint failed: items.id");
        insert("REPLACE", "file").unwrap();

        // A row of no model gets a random id. It keeps it when it becomes a record, as its own source id.
        insert("INSERT", "link").unwrap();
        let link = id("link");
        let parts: Vec<String> =
            all(connection, "SELECT _morango_source_id || _morango_partition FROM items WHERE kind = 'link'");
        assert_eq!(parts, [""]);
        connection.execute_batch("UPDATE items SET kind = 'folder' WHERE kind = 'link'").unwrap();
        assert_eq!(database.identity::<Folder>(link).unwrap().unwrap().source_id, link.as_str());
        assert_eq!(all::<i64>(connection, "SELECT count(*) FROM items"), [3]);
        assert_eq!(all::<i64>(connection, "SELECT count(*) FROM items WHERE id GLOB 'new:*'"), [0]);

        let serialized = database.serialize::<Files>().run().unwrap();
        assert_eq!((serialized.created, serialized.deleted), (3, 0));
        let deleted: Vec<bool> = all(database.connection(), "SELECT deleted FROM morango_store");
        assert_eq!(deleted, [false; 3]);
    }
}

#[test]
fn a_row_stays_of_its_model() {
    let mut database = database();
    let mut home = folder("home");
    database.insert(&mut home).unwrap();
    database.serialize::<Files>().run().unwrap();
    let home = home.id;
    let columns = "INTO items (id, kind, owner, name, size) VALUES";
    for (sql, message) in [
        (
            "UPDATE items SET kind = 'file'".to_owned(),
            "a folder stays a folder: delete it, and insert it again",
        ),
        (
            "UPDATE items SET kind = 'link'".to_owned(),
            "a folder stays a folder: delete it, and insert it again",
        ),
        (
            format!("REPLACE {columns} ('{home}', 'file', 'ada', 'home', 1)"),
            "the sync store has this record with another partition, source id or model, which never change: write the row of \
             items with these, or with another id",
        ),
        (
            format!("REPLACE {columns} ('{home}', 'link', 'ada', 'home', 1)"),
            "the sync store has a record of this id, and the row of items is of none of its models: delete the record, and \
             take another id",
        ),
        (
            format!(
                "INSERT {columns} ('{}', 'link', 'ada', 'a', 1); DELETE FROM items WHERE id = '{home}';
                 UPDATE items SET id = '{home}'",
                RecordId::random()
            ),
            "the sync store has a record of this id, and the row of items is of none of its models: delete the record, and \
             take another id",
        ),
    ] {
        let transaction = database.connection_mut().transaction().unwrap();
        let error = transaction.execute_batch(&sql).unwrap_err();
        assert_eq!(error.to_string(), format!("syncline: {message}"), "{sql}");
    }
}

#[test]
fn a_row_that_becomes_a_record_is_one() {
    let mut database = database();
    let id = RecordId::random();
    database
        .connection()
        .execute_batch(&format!(
            "INSERT INTO items (id, kind, owner, name) VALUES ('{id}', 'link', 'ada', 'home');
             UPDATE items SET _morango_dirty_bit = 0"
        ))
        .unwrap();
    assert_eq!(database.serialize::<Files>().run().unwrap().records(), 0);
    database.connection().execute_batch("UPDATE items SET kind = 'folder'").unwrap();
    let identity = database.identity::<Folder>(id).unwrap().unwrap();
    assert_eq!((identity.source_id, identity.partition), (id.to_string(), "ada:folders".to_owned()));
    assert_eq!(database.serialize::<Files>().run().unwrap().created, 1);
}

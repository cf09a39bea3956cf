//! Ids and references with something behind their 32 digits. SQLite's `length`, `substr` and `GLOB` read a text up to its
//! first NUL (rusqlite/rusqlite#1632 reports such text for another tool).

use rusqlite::Connection;
use syncline::sqlite::Database;

use super::*;

/// No ids, as SQL. Each begins with the digits of one.
const NO_IDS: &[&str] = &[
    "'0123456789abcdef0123456789abcdef' || char(0)",
    "'0123456789abcdef0123456789abcdef' || char(0) || 'x'",
    "'0123456789abcdef0123456789abcde' || char(0)",
    "'0123456789abcdef0123456789abcdef' || ' '",
    "CAST('0123456789abcdef0123456789abcdef' AS BLOB)",
];

/// No pending ids, as SQL.
const NO_PENDING_IDS: &[&str] = &[
    "'new:0123456789abcdef0123456789abcdef' || char(0)",
    "'new:0123456789abcdef0123456789abcdef' || char(0) || 'x'",
    "'new:0123456789abcdef0123456789abcde' || char(0)",
    "'new:00000000000000000000000000000000' || char(0)",
];

/// Ids that are longer than a source id may be, and one that is made of nothing.
const LONG_IDS: &[&str] = &["hex(zeroblob(50))", "''", "'new:' || hex(zeroblob(50))"];

/// Tries to insert, and to update, the row of `record` with an id and a reference that are none.
fn every_statement(scratch: &Scratch, record: &Every) {
    let columns = scratch.all::<String>(
        "SELECT name FROM pragma_table_info('every') WHERE name NOT GLOB '_morango*' AND name <> 'id'",
    );
    let names = columns.join(", ");
    let row: Vec<String> =
        scratch.all(&format!("SELECT id || quote(parent_id) FROM every WHERE id = '{}'", record.id));
    for id in NO_IDS.iter().chain(NO_PENDING_IDS) {
        let values = names.replace("parent_id", id);
        for (sql, message) in [
            (
                format!("INSERT INTO every (id, {names}) SELECT {id}, {names} FROM every"),
                "id is 32 lower-case hex digits",
            ),
            (
                format!("REPLACE INTO every (id, {names}) SELECT {id}, {names} FROM every"),
                "id is 32 lower-case hex digits",
            ),
            (format!("UPDATE every SET id = {id}"), "id is 32 lower-case hex digits"),
            (
                format!(
                    "INSERT INTO every (id, {names}) SELECT lower(hex(randomblob(16))), {values} FROM every"
                ),
                "parent_id is 32 lower-case hex digits",
            ),
            (format!("UPDATE every SET parent_id = {id}"), "parent_id is 32 lower-case hex digits"),
        ] {
            assert_eq!(refusal(scratch, &sql), message, "{sql}");
        }
    }
    assert_eq!(scratch.all::<String>("SELECT id || quote(parent_id) FROM every"), row);
}

#[test]
fn an_id_ends_at_its_digits() {
    each_table(|scratch| {
        let mut record = every();
        scratch.database.insert(&mut record).unwrap();
        every_statement(scratch, &record);
        record.parent_id = Some(record.id);
        assert!(scratch.database.update(&record).unwrap());
        assert_eq!(scratch.database.serialize::<Everything>().run().unwrap().records(), 1);
    });
}

/// The bytes of an id are more in other encodings.
#[test]
fn an_id_in_utf_16() {
    for encoding in ["UTF-16le", "UTF-16be"] {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(&format!("PRAGMA encoding = '{encoding}'; CREATE TABLE first (id)"))
            .unwrap();
        let mut scratch = Scratch::empty();
        scratch.database = Database::from_connection(connection).unwrap();
        scratch.database.create::<Everything>().unwrap();
        let mut record = every();
        scratch.database.insert(&mut record).unwrap();
        record.parent_id = Some(record.id);
        assert!(scratch.database.update(&record).unwrap());
        every_statement(&scratch, &record);
        assert_eq!(scratch.database.serialize::<Everything>().run().unwrap().records(), 1);
    }
}

/// Rows that are older than the table's checks.
#[test]
fn track_names_rows_without_an_id() {
    for (column, value) in NO_IDS
        .iter()
        .map(|value| ("parent_id", value))
        .chain(NO_IDS.iter().chain(NO_PENDING_IDS).chain(LONG_IDS).map(|value| ("id", value)))
    {
        let mut scratch = Scratch::empty();
        scratch.execute(&format!(
            "CREATE TABLE node (id TEXT PRIMARY KEY, parent_id TEXT); \
             INSERT INTO node VALUES ('{}', NULL); UPDATE node SET {column} = {value}",
            RecordId::random()
        ));
        let error = chain(&scratch.database.track::<Nodes>().unwrap_err());
        let expected = format!("{column} is 32 lower-case hex digits");
        assert!(error.contains(&expected), "{column} = {value}: {error}");
    }
}

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Nodes, model = "node", partition = "all")]
struct Node {
    id: RecordId,
    #[syncable(references = Node)]
    parent_id: Option<RecordId>,
}

profile! { Nodes = "nodes" { Node } }

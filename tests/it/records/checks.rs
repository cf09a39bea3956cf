//! Values that could never sync are refused when another program writes them, or when they are serialised.

use std::error::Error as _;

use syncline::record::Identity;
use syncline::sqlite::RunError;
use syncline::{Access as _, RecordId, Syncable, profile};

use super::Scratch;
use super::declarations::{Note, note, notebook};

/// A model with every kind of column that syncs, and a local one.
#[derive(Debug, Clone, PartialEq, Default, Syncable)]
#[syncable(profile = Things, model = "thing", partition = "{owner}:things")]
struct Thing {
    id: RecordId,
    owner: String,
    title: Option<String>,
    count: Option<i64>,
    weight: Option<f64>,
    picture: Option<Vec<u8>>,
    #[syncable(self_reference)]
    part_of: Option<RecordId>,
    /// A name that is also used in the SQL of triggers.
    wrong: Option<i64>,
    #[syncable(local)]
    thumbnail: Option<String>,
}

profile! { Things = "things" { Thing } }

/// An existing table with Morango's columns and without checks.
const UNCHECKED: &str = "CREATE TABLE thing (id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT, count INTEGER, weight REAL, \
     picture BLOB, part_of TEXT, wrong INTEGER, thumbnail TEXT, _morango_source_id TEXT, _morango_partition TEXT)";

/// Runs `check` with a table that was made from the model, and with an existing one.
fn each_kind(check: impl Fn(&mut Scratch)) {
    let mut made = Scratch::empty();
    made.database.create::<Things>().unwrap();
    check(&mut made);
    let mut tracked = Scratch::empty();
    tracked.execute(UNCHECKED);
    tracked.database.track::<Things>().unwrap();
    check(&mut tracked);
}

const ID: &str = "a0000000000000000000000000000001";

#[test]
fn what_no_peer_could_take_is_not_written() {
    each_kind(|scratch| {
        scratch.execute(&format!("INSERT INTO thing (id, owner) VALUES ('{ID}', 'ada')"));
        scratch.database.serialize::<Things>().run().unwrap();
        for (column, value, message) in [
            (
                "_morango_source_id",
                "printf('%97d', 1)",
                "_morango_source_id is text of at most 96 characters without a NUL",
            ),
            (
                "_morango_source_id",
                "x'6162'",
                "_morango_source_id is text of at most 96 characters without a NUL",
            ),
            (
                "_morango_partition",
                "printf('%129d', 1)",
                "_morango_partition is text of at most 128 characters without a NUL",
            ),
            (
                "_morango_partition",
                "x'6162'",
                "_morango_partition is text of at most 128 characters without a NUL",
            ),
            ("owner", "x'616461'", "owner is text"),
            (
                "owner",
                "printf('%122d', 1)",
                "_morango_partition is text of at most 128 characters without a NUL",
            ),
            ("title", "x'00'", "title is text"),
            ("count", "x'01'", "count is an integer"),
            ("weight", "zeroblob(8)", "weight is a floating-point number"),
            ("part_of", "randomblob(32)", "part_of is 32 lower-case hex digits"),
            ("id", "randomblob(32)", "id is 32 lower-case hex digits"),
        ] {
            let insert = match column {
                "owner" => {
                    format!("INSERT INTO thing (id, owner) VALUES ('{}', {value})", RecordId::random())
                }
                "id" => format!("INSERT INTO thing (id, owner) VALUES ({value}, 'ada')"),
                _ => format!(
                    "INSERT INTO thing (id, owner, {column}) VALUES ('{}', 'ada', {value})",
                    RecordId::random()
                ),
            };
            let found = scratch.refused(&insert);
            assert!(found.contains(message), "{insert}: {found}");
            // The partition is made of the owner, which has a message of its own.
            if column != "owner" {
                let update = format!("UPDATE thing SET {column} = {value} WHERE id = '{ID}'");
                let found = scratch.refused(&update);
                assert!(found.contains(message), "{update}: {found}");
            }
        }
        let serialized = scratch.database.serialize::<Things>().run().unwrap();
        assert_eq!(serialized.records(), 0, "nothing came of all that");
    });
}

#[test]
fn what_fits_is_written() {
    each_kind(|scratch| {
        scratch.execute(&format!(
            "INSERT INTO thing (id, owner, title, count, weight, picture, part_of, thumbnail, _morango_source_id)
             VALUES ('{ID}', replace(printf('%121d', 1), ' ', 'ä'), NULL, NULL, 1, x'00ff', NULL, 'a' || char(0),
                 replace(printf('%96d', 1), ' ', 'ö'))"
        ));
        let serialized = scratch.database.serialize::<Things>().run().unwrap();
        assert_eq!(serialized.created, 1);
        let lengths: Vec<String> =
            scratch.all("SELECT length(source_id) || ' ' || length(partition) FROM morango_store");
        assert_eq!(lengths, ["96 128"]);
    });
}

#[test]
fn a_table_with_such_a_row_is_not_tracked() {
    for (column, value, expected) in [
        ("title", "x'00'", "no blob"),
        ("_morango_source_id", "x'00'", "text of at most 96 characters without a NUL"),
        ("_morango_source_id", "printf('%97d', 1)", "text of at most 96 characters without a NUL"),
        ("_morango_partition", "printf('%129d', 1)", "text of at most 128 characters without a NUL"),
    ] {
        let mut scratch = Scratch::empty();
        scratch.execute(UNCHECKED);
        scratch.execute(&format!("INSERT INTO thing (id, owner, {column}) VALUES ('{ID}', 'ada', {value})"));
        let error = scratch.database.track::<Things>().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "table `thing` cannot be tracked: column `{column}` of record '{ID}' holds a value that cannot sync: \
                 {column} is {expected}; correct the row"
            )
        );
    }
}

#[test]
fn text_that_is_not_utf_8_is_named_when_it_is_serialised() {
    each_kind(|scratch| {
        for column in ["title", "owner", "_morango_source_id", "_morango_partition"] {
            let id = RecordId::random();
            let moved: Vec<String> =
                scratch.all("SELECT sql FROM sqlite_schema WHERE name = 'syncline_thing_moved_thing'");
            scratch.execute(&format!(
                "INSERT INTO thing (id, owner, title) VALUES ('{id}', 'ada', 'before'); \
                 DROP TRIGGER IF EXISTS syncline_thing_moved_thing; \
                 UPDATE thing SET {column} = CAST(x'c3' AS TEXT) WHERE id = '{id}'; {}",
                moved.concat()
            ));
            let error = scratch.database.serialize::<Things>().run().unwrap_err();
            let chain = chain(&error);
            let expected = format!(
                "column `{column}` of table `thing`, record `{id}`: `\u{fffd}` is text that is not UTF-8"
            );
            assert!(chain.contains(&expected), "{chain}");
            assert_eq!(scratch.all::<i64>("SELECT count(*) FROM morango_store"), [0], "nothing is half done");
            scratch.execute("DELETE FROM thing; DELETE FROM morango_deletedmodels");
        }
    });
}

fn chain(error: &RunError) -> String {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        chain = format!("{chain}: {error}");
        source = error.source();
    }
    chain
}

#[test]
fn an_identity_that_does_not_fit_is_refused_in_any_database() {
    let scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    let taken = note(&scratch.database, home, "Bread", None);
    let identity = scratch.database.identity::<Note>(taken).unwrap().unwrap();
    // The tables of another application have no triggers.
    scratch.execute("CREATE TABLE django_migrations (id)");
    for (source_id, partition, message) in [
        ("x".repeat(97), "p".to_owned(), "its source id has 97 characters, and at most 96 fit"),
        ("x".to_owned(), "p".repeat(129), "its partition has 129 characters, and at most 128 fit"),
        (
            "a\0b".to_owned(),
            "p".to_owned(),
            "its source id has a NUL character, which not every peer can store",
        ),
        (String::new(), "p".to_owned(), "its source id is empty"),
    ] {
        let wrong = Identity { source_id, partition, ..identity.clone() };
        let mut note = Note { notebook_id: home, ..Note::default() };
        let error = scratch.database.insert_as(&mut note, wrong).unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), message);
        assert!(note.id.is_new());
    }
}

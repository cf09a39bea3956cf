//! Partitions and source ids that are made of the fields of existing rows, and that no peer could store.

use syncline::sqlite::{Database, SchemaError};

/// A model whose source id is made of a field.
mod named {
    use syncline::{RecordId, Syncable, profile};

    #[derive(Debug, Clone, Default, Syncable)]
    #[syncable(
        profile = Named,
        model = "item",
        source_id = "{title}",
        partition = "{place}:{owner}:items",
        partition_without(owner = "{place}:items")
    )]
    pub(super) struct Item {
        id: RecordId,
        place: String,
        title: String,
        owner: Option<String>,
    }

    profile! { pub(super) Named = "named" { Item } }
}

/// Tracks a table of the app with the row `place`, `title`, `owner`, as SQL.
fn tracked(row: &str) -> Result<(), SchemaError> {
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path().join("app.sqlite3")).unwrap();
    database
        .connection()
        .execute_batch(&format!(
            "CREATE TABLE item (id TEXT PRIMARY KEY, place TEXT NOT NULL, title TEXT NOT NULL, owner TEXT); \
             INSERT INTO item VALUES ('0123456789abcdef0123456789abcdef', 'home', 'kept', NULL), \
             ('fedcba9876543210fedcba9876543210', {row})"
        ))
        .unwrap();
    let tables = "SELECT group_concat(sql) FROM sqlite_schema";
    let before: String = database.connection().query_row(tables, [], |row| row.get(0)).unwrap();
    let done = database.track::<named::Named>();
    if done.is_err() {
        let after: String = database.connection().query_row(tables, [], |row| row.get(0)).unwrap();
        assert_eq!(after, before, "nothing was changed");
    }
    done.map(drop)
}

/// Table, row, value and the values that sync are named, in place of the error of a `CHECK`.
#[test]
fn a_made_identity_that_cannot_sync_is_named() {
    let long = "replace(hex(zeroblob(70)), '00', 'xy')";
    for (row, what, columns, value, expected) in [
        (format!("{long}, 'a', NULL"), "partition", "owner, place", "xyxy", 128),
        (format!("'home', 'a', {long}"), "partition", "owner, place", "home:xyxy", 128),
        ("'home' || char(0), 'a', NULL".to_owned(), "partition", "owner, place", "home\0:items", 128),
        (format!("'home', {long}, NULL"), "source id", "title", "xyxy", 96),
        ("'home', 'a' || char(0) || 'b', NULL".to_owned(), "source id", "title", "a\0b", 96),
    ] {
        let message = tracked(&row).unwrap_err().to_string();
        let start = format!(
            "table `item` cannot be tracked: the {what} that is made of {columns} for record \
             'fedcba9876543210fedcba9876543210' is `{value}"
        );
        assert!(message.starts_with(&start), "{message}");
        let end = format!("a {what} is text of at most {expected} characters without a NUL; correct the row");
        assert!(message.ends_with(&end), "{message}");
        assert!(message.len() < 500, "{message}");
    }
    tracked(&format!("'home', substr({long}, 1, 96), substr({long}, 1, 117)")).unwrap();
}

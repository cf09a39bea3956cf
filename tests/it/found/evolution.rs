//! Versions of one app on one database: a program that is older than its database, and each step of a schema.
//!
//! A module is a version of the app, a program of its own.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use rusqlite::types::FromSql;
use syncline::sqlite::{EvolutionError, SchemaError};
use syncline::{Access as _, Database, RecordId, Syncable, profile};

/// Declares a version of the app: a module with the profile `App`.
macro_rules! version {
    ($name:ident { $($(#[$attribute:meta])* $model:ident { $($fields:tt)* })* }) => {
        mod $name {
            #[allow(unused_imports, reason = "not every version has every field")]
            use super::*;

            $(
                #[derive(Debug, Clone, Default, PartialEq, Syncable)]
                $(#[$attribute])*
                pub(crate) struct $model { pub(crate) id: RecordId, $($fields)* }
            )*

            profile! { pub(crate) App = "app" { $($model),* } }
        }
    };
}

mod by_hand;
mod kinds;
mod names;
mod older;
mod required;
mod steps;

/// The first version: items, in a table `item`.
mod v1 {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    pub(crate) struct Item {
        pub(crate) id: RecordId,
        pub(crate) place: String,
        pub(crate) title: String,
    }

    profile! { pub(crate) App = "app" { Item } }
}

/// The second version: an item has a colour.
mod v2 {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    pub(crate) struct Item {
        pub(crate) id: RecordId,
        pub(crate) place: String,
        pub(crate) colour: Option<String>,
        pub(crate) title: String,
    }

    profile! { pub(crate) App = "app" { Item } }
}

fn database() -> Database {
    Database::from_connection(rusqlite::Connection::open_in_memory().unwrap()).unwrap()
}

fn execute(database: &Database, sql: &str) {
    database.connection().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn one<T: FromSql>(database: &Database, sql: &str) -> T {
    database
        .connection()
        .query_row(sql, [], |row| row.get(0))
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The value of `key` in the store's text of the record with this title.
fn stored(database: &Database, title: &str, key: &str) -> Option<String> {
    one(
        database,
        &format!(
            "SELECT json_extract(serialized, '$.{key}') FROM morango_store \
             WHERE json_extract(serialized, '$.title') = '{title}'"
        ),
    )
}

/// The titles of the dirty items.
fn dirty(database: &Database) -> Vec<String> {
    let sql = "SELECT title FROM item WHERE _morango_dirty_bit ORDER BY title";
    let mut statement = database.connection().prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

/// The reason for which `create` or `track` refused.
#[track_caller]
fn refusal<T: std::fmt::Debug>(result: Result<T, SchemaError>) -> EvolutionError {
    match result.unwrap_err() {
        SchemaError::Evolution(error) => error,
        other => panic!("{other}"),
    }
}

//! Checks of the schema: the sync tables and the app's tables (morango.md §2).

use rusqlite::Connection;
use syncline_serializer::model::columns::DIRTY_BIT;
use syncline_serializer::model::{Model, Profile};

use crate::error::{Doing, SchemaError, SqliteError};

/// The variant of a database's sync tables. It is read once for each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncSchema {
    /// `true` if the store has the column `_self_ref_order`, as with Morango 0.9.
    pub self_ref_order: bool,
}

/// The columns that this crate reads or writes.
const SYNC_TABLES: &[(&str, &[&str])] = &[
    (
        "morango_store",
        &[
            "id",
            "profile",
            "serialized",
            "deleted",
            "hard_deleted",
            "last_saved_instance",
            "last_saved_counter",
            "partition",
            "source_id",
            "model_name",
            "conflicting_serialized_data",
            "_self_ref_fk",
            "dirty_bit",
            "deserialization_error",
            "last_transfer_session_id",
        ],
    ),
    ("morango_recordmaxcounter", &["id", "instance_id", "counter", "store_model_id"]),
    ("morango_databasemaxcounter", &["id", "instance_id", "counter", "partition"]),
    ("morango_deletedmodels", &["id", "profile"]),
    ("morango_harddeletedmodels", &["id", "profile"]),
    ("morango_instanceidmodel", &["id", "counter", "current"]),
];

impl SyncSchema {
    /// Reads the schema, and checks that it has all tables and columns that serialising needs.
    ///
    /// # Errors
    ///
    /// If one is missing, or the tables are from a Morango before 0.8.
    pub fn read(connection: &Connection) -> Result<Self, SchemaError> {
        for (table, columns) in SYNC_TABLES {
            let present = Columns::of(connection, table)?.ok_or_else(|| SchemaError::NoTable {
                table: (*table).to_owned(),
                hint: "it is not the database of an application that syncs with Morango",
            })?;
            present.require(columns.iter().copied(), "its sync tables are of an unknown kind")?;
            // This crate adds no rows to that table unless it created the table, so unknown columns are no problem.
            if *table != "morango_instanceidmodel" {
                present.knows_all(columns)?;
            }
        }
        let store = Columns::of(connection, "morango_store")?.unwrap_or_default();
        if store.is_not_null("deserialization_error") {
            return Err(SchemaError::TooOld);
        }
        // Without this column the migration from Morango's first 0.8 versions is incomplete.
        store.require(["deserialization_exception"], "migrate the application to Morango 0.8 or newer")?;
        Ok(Self { self_ref_order: store.has("_self_ref_order") })
    }
}

/// Checks that the tables of `P`'s models have all declared columns.
///
/// `SQLite` takes a quoted name that is not a column for a text, so a query would not fail.
pub(crate) fn check_models<P: Profile>(connection: &Connection) -> Result<(), SchemaError> {
    P::MODELS.iter().try_for_each(|model| check_model(connection, model))
}

fn check_model(connection: &Connection, model: &Model) -> Result<(), SchemaError> {
    let present = Columns::of(connection, model.table)?.ok_or_else(|| SchemaError::NoTable {
        table: model.table.to_owned(),
        hint: "a model is declared for it; is this the right database, and the right version of the application?",
    })?;
    let declared = model.columns.iter().chain(model.local_columns).map(|column| column.name);
    let discriminator = model.discriminator.map(|discriminator| discriminator.column);
    present.require(
        declared.chain(discriminator).chain([DIRTY_BIT]),
        "a model declares it; is this the right version of the application?",
    )
}

/// Returns `true` if Django manages the database, so that it belongs to another application.
pub(crate) fn is_of_django(connection: &Connection) -> Result<bool, SqliteError> {
    connection.table_exists(None, "django_migrations").doing("reading the schema")
}

/// The columns of a table.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    table: String,
    /// The name of each column, `true` if it is `NOT NULL`, and `true` if an insert must give a value for it.
    columns: Vec<(String, bool, bool)>,
}

impl Columns {
    /// The columns of `table`. `None` if the table does not exist.
    pub(crate) fn of(connection: &Connection, table: &str) -> Result<Option<Self>, SchemaError> {
        let mut statement = connection
            .prepare_cached(
                "SELECT name, \"notnull\", \"notnull\" AND dflt_value IS NULL FROM pragma_table_info(?1)",
            )
            .doing("reading the schema")?;
        let columns = statement
            .query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
            .doing("reading the schema")?;
        Ok(if columns.is_empty() { None } else { Some(Self { table: table.to_owned(), columns }) })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|(column, ..)| column.eq_ignore_ascii_case(name))
    }

    pub(crate) fn is_not_null(&self, name: &str) -> bool {
        self.columns.iter().any(|(column, not_null, _)| *not_null && column.eq_ignore_ascii_case(name))
    }

    /// Returns `true` if an insert must give a value for the column `name`.
    pub(crate) fn must_be_given(&self, name: &str) -> bool {
        self.columns
            .iter()
            .any(|(column, _, must_be_given)| *must_be_given && column.eq_ignore_ascii_case(name))
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(column, ..)| &**column)
    }

    /// Fails if an insert must give a value for a column that is not in `known`.
    fn knows_all(&self, known: &[&str]) -> Result<(), SchemaError> {
        let unknown = self.columns.iter().find(|(column, _, must_be_given)| {
            *must_be_given && !known.iter().any(|known| known.eq_ignore_ascii_case(column))
        });
        match unknown {
            None => Ok(()),
            Some((column, ..)) => {
                Err(SchemaError::TooNew { table: self.table.clone(), column: column.clone() })
            }
        }
    }

    /// Fails if the table lacks one of the columns `names`.
    pub(crate) fn require<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
        hint: &'static str,
    ) -> Result<(), SchemaError> {
        match names.into_iter().find(|name| !self.has(name)) {
            None => Ok(()),
            Some(column) => {
                Err(SchemaError::NoColumn { table: self.table.clone(), column: column.to_owned(), hint })
            }
        }
    }
}

/// The tables whose rows can be selected by `rowid`: not `WITHOUT ROWID`, and without a column of that name.
#[derive(Debug)]
pub(crate) struct TablesWithRowid(Vec<String>);

impl TablesWithRowid {
    pub(crate) fn read(connection: &Connection) -> Result<Self, SqliteError> {
        let names = |sql| -> rusqlite::Result<Vec<String>> {
            connection.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect()
        };
        let read = || {
            let hiding = names(
                "SELECT tables.name FROM sqlite_schema AS tables JOIN pragma_table_xinfo(tables.name) AS columns \
                 WHERE tables.type = 'table' AND tables.sql LIKE '%rowid%' AND columns.name = 'rowid' COLLATE NOCASE",
            )?;
            let mut tables = names("SELECT name FROM pragma_table_list WHERE NOT wr")?;
            tables.retain(|table| !hiding.contains(table));
            Ok(Self(tables))
        };
        read().doing("reading the schema")
    }

    pub(crate) fn contain(&self, table: &str) -> bool {
        self.0.iter().any(|name| name.eq_ignore_ascii_case(table))
    }
}

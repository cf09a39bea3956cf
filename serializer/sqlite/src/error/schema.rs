//! The errors of a database whose tables are not what the models or the sync store need.

use syncline_core::BoxError;
use syncline_serializer::value::InvalidValue;

use crate::error::{EvolutionError, SqliteError};

/// The tables of a database cannot be used, made or tracked. Nothing was changed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// A table is missing.
    #[error("the database has no table `{table}`: {hint}")]
    NoTable {
        /// The table.
        table: String,
        /// The likely reason, and what to do.
        hint: &'static str,
    },
    /// A column is missing.
    #[error("table `{table}` has no column `{column}`: {hint}")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The likely reason, and what to do.
        hint: &'static str,
    },
    /// The sync tables have a required column that this version does not know and cannot fill.
    #[error(
        "table `{table}` has a column `{column}` that must be filled and that this version of syncline does not know: a \
         newer Morango or syncline made it; use a newer syncline"
    )]
    TooNew {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The sync tables are those of a Morango before 0.8.
    #[error(
        "the sync tables are too old: `morango_store.deserialization_error` is NOT NULL, as before Morango's \
         migration 0003_store_deserialization_errors; start the application once with Morango 0.8 or newer"
    )]
    TooOld,
    /// Another application makes the tables of this database and tracks their changes.
    #[error(
        "the database has a table `django_migrations`: its application makes the tables and tracks their changes itself"
    )]
    NotOurs,
    /// Another application decides which instance this database is.
    #[error(
        "the database has a table `django_migrations`: its application decides which instance it is; let that application \
         generate its ids anew"
    )]
    NotOurInstance,
    /// A reference names models of several tables.
    #[error("column `{column}` of model `{model}` refers to models of several tables")]
    SeveralTables {
        /// The model.
        model: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A column cannot be added to a table that has rows.
    #[error(
        "column `{column}` cannot be added to table `{table}`: it may not be NULL, and no `default` is declared for the rows \
         that are there"
    )]
    CannotAddColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A declared column is a generated one, which no statement can write.
    #[error(
        "column `{column}` of table `{table}` is generated from other columns, so no record can be written with it: remove it \
         out of the model"
    )]
    GeneratedColumn {
        /// The table.
        table: String,
        /// The column.
        column: &'static str,
    },
    /// A unique index is over an expression, so triggers would miss rows that REPLACE deletes.
    #[error(
        "table `{table}` cannot be tracked: its unique index `{index}` is over an expression, so rows that REPLACE displaces \
         through it would not be seen"
    )]
    Untrackable {
        /// The table.
        table: String,
        /// The index.
        index: String,
    },
    /// A trigger of the app skips the triggers that track changes.
    #[error(
        "table `{table}` cannot be tracked: the trigger `{trigger}` has {by} after a change, and no other trigger would see \
         that change: make it a BEFORE trigger (for updates with its columns, `BEFORE UPDATE OF ..`), or remove that"
    )]
    SkipsTriggers {
        /// The table.
        table: String,
        /// The trigger.
        trigger: String,
        /// The SQL by which it skips them: `a RAISE(IGNORE)`.
        by: &'static str,
    },
    /// A trigger of the app fails or ignores the updates with which the tracking triggers mark and identify rows.
    #[error(
        "table `{table}` cannot be tracked: its trigger `{trigger}` refuses or ignores updates of the columns with which \
         changes are tracked: name the columns that it guards, `UPDATE OF {columns}`"
    )]
    StopsBookkeeping {
        /// The table.
        table: String,
        /// The trigger.
        trigger: String,
        /// The columns of the app's data, as a list in SQL.
        columns: String,
    },
    /// Rows have the same values in the columns of a unique key, so no unique index can be made.
    #[error(
        "table `{table}` cannot have the unique key `{columns}`: {count} of its values are in several rows: change or delete all \
         but one of each"
    )]
    Duplicates {
        /// The table.
        table: &'static str,
        /// The columns of the key.
        columns: String,
        /// The number of values that are in several rows.
        count: u64,
    },
    /// Two rows of the table may have one id.
    #[error(
        "table `{table}` cannot be tracked: its column `id` is not unique, so two rows may have the same id: create a unique index on it"
    )]
    NotUnique {
        /// The table.
        table: String,
    },
    /// A row of the table holds a value that cannot sync.
    #[error(
        "table `{table}` cannot be tracked: column `{column}` of record {record} holds a value that cannot sync: {column} is \
         {expected}; correct the row"
    )]
    Unsyncable {
        /// The table.
        table: String,
        /// The record's id, as an SQL literal.
        record: String,
        /// The column.
        column: &'static str,
        /// The values that sync: `32 lower-case hex digits`.
        expected: String,
    },
    /// The partition or source id that is made of the fields of a row cannot sync.
    #[error(
        "table `{table}` cannot be tracked: the {what} that is made of {columns} for record {record} is `{value}`, and a {what} \
         is {expected}; correct the row"
    )]
    UnsyncableIdentity {
        /// The table.
        table: Box<str>,
        /// The record's id, as an SQL literal.
        record: Box<str>,
        /// `partition` or `source id`.
        what: &'static str,
        /// The value. The middle of a long one is left out.
        value: Box<str>,
        /// The values that sync: `text of at most 128 characters without a NUL`.
        expected: Box<str>,
        /// The columns that it is made of.
        columns: Box<str>,
    },
    /// A row was left without an id, and none can be computed.
    #[error(
        "table `{table}` has a row without an id, and none can be computed: correct or delete the row with the placeholder \
         `{row}`"
    )]
    Unfinished {
        /// The table.
        table: String,
        /// The placeholder in the place of the row's id.
        row: String,
        /// The reason.
        source: BoxError,
    },
    /// The table is tracked for another profile.
    #[error(
        "table `{table}` syncs in the profile `{tracked}`, so it cannot sync in `{profile}` as well: a row has one dirty bit; use a \
         database for each profile, or a table for each"
    )]
    TwoProfiles {
        /// The table.
        table: String,
        /// The profile for which it is tracked.
        tracked: String,
        /// The profile of the call.
        profile: &'static str,
    },
    /// The default of a column is a value that its field cannot hold, so no row with it could be read.
    #[error(
        "the default of `{column}` in model `{model}` is {default}, which its field cannot hold: {reason}"
    )]
    Default {
        /// The model.
        model: &'static str,
        /// The column.
        column: &'static str,
        /// The default, as SQL.
        default: &'static str,
        /// The reason.
        reason: InvalidValue,
    },
    /// The store has a record of a row's id with another partition, source id or model. In the store these never change.
    #[error(
        "table `{table}` cannot be tracked: the sync store has record {record} with another partition, source id or model, \
         which never change: write them into the row, or give it another id"
    )]
    ContradictsStore {
        /// The table.
        table: String,
        /// The record's id, as an SQL literal.
        record: String,
    },
    /// The triggers of a table are missing or other than declared, so changes may have been missed.
    #[error(
        "table `{table}` is not tracked as its models declare it, so changes of its records may be missing: call \
         `Database::create` or `track`, which compare the table with the store"
    )]
    NotTracked {
        /// The table.
        table: String,
    },
    /// The database was declared by another version of the app.
    #[error(transparent)]
    Evolution(#[from] EvolutionError),
    /// SQLite failed.
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
}

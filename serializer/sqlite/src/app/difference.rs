//! `Difference`: a difference between a database's tables and the declarations of its models, and its message.

use std::fmt;

use crate::app::comparison::FoundRecords;

/// One difference between a database and its models. It prints as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// Pages of the table, or of one of its indexes, are damaged.
    Damaged {
        /// The table.
        table: String,
    },
    /// The table does not exist.
    NoTable {
        /// The table.
        table: &'static str,
    },
    /// The column does not exist.
    NoColumn {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The table has the former name that the declaration gives in `renamed_from`. [`Database::create`](crate::Database::create)
    /// renames it.
    RenamedTable {
        /// The table.
        table: &'static str,
        /// Its name in the database.
        found: String,
    },
    /// The column has the former name that the declaration gives in `renamed_from`. [`Database::create`](crate::Database::create)
    /// renames it.
    RenamedColumn {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Its name in the database.
        found: String,
    },
    /// A name in `retired(..)` is neither a column nor a key that a version of the app declared in this database, and the database
    /// has a synced column that the program does not declare. The name may be misspelt.
    UnknownRetired {
        /// The table.
        table: &'static str,
        /// The model.
        model: &'static str,
        /// The name.
        name: &'static str,
    },
    /// The column is generated from other columns, so its field cannot be written.
    Generated {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The column may be `NULL`, but its field is not an `Option`.
    Nullable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The column is `NOT NULL`, but its field is an `Option`.
    NotNullable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The column's type affinity converts the field's values.
    Type {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The declared type of the column.
        found: String,
        /// The type of a column for the field.
        expected: &'static str,
    },
    /// The `id` is not unique.
    NotUnique {
        /// The table.
        table: &'static str,
    },
    /// No unique index holds the declared unique key.
    NoUniqueKey {
        /// The table.
        table: &'static str,
        /// The columns of the key.
        columns: Vec<&'static str>,
    },
    /// The column is not a foreign key, refers to another table, or has another action for deletions.
    Reference {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The foreign key in the database. `None` if the column is none.
        found: Option<String>,
        /// The foreign key that the model declares.
        expected: String,
    },
    /// The column is `NOT NULL` without a default, and no model declares it.
    Undeclared {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
    },
    /// Rows hold values that a field cannot. They are older than the check, or were written while triggers were off.
    Values {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The number of rows.
        count: u64,
        /// The id of one of them, as an SQL literal.
        record: String,
        /// The values that the field takes: `an integer from 0 to 255`.
        expected: String,
    },
    /// Another version of the app syncs the column, and this program does not declare it. Rows that may hold a value in it are left
    /// dirty.
    Newer {
        /// The table.
        table: &'static str,
        /// The model.
        model: &'static str,
        /// The column.
        column: String,
    },
    /// Another version of the app declares the model, and this program does not. Its rows are not serialised.
    OtherModel {
        /// The model.
        model: String,
        /// Its table.
        table: String,
    },
    /// The column's default is a value that its field cannot hold.
    Default {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The default, as SQL.
        found: String,
        /// The values that the field takes: `an integer from 0 to 255`.
        expected: String,
    },
    /// The column's default in the table is not the declared one.
    OtherDefault {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The default in the table, as SQL. `None` if it has none.
        found: Option<String>,
        /// The declared default, as SQL.
        expected: &'static str,
    },
    /// The application that makes the tables has a later migration than the profile was written for.
    UnknownMigration {
        /// The Django app.
        app: String,
        /// The migration.
        migration: String,
    },
    /// A synced table of another application has a column that the profile does not know.
    UnknownColumn {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
    },
    /// The table's triggers are missing or do not match the models.
    NotTracked {
        /// The table.
        table: &'static str,
    },
    /// A trigger of the app executes `RAISE(IGNORE)`, `RAISE(FAIL)` or a statement `OR FAIL` after a change, so the change is
    /// not tracked.
    SkipsTriggers {
        /// The table.
        table: &'static str,
        /// The trigger.
        trigger: String,
        /// The SQL by which it skips the tracking triggers: `a RAISE(IGNORE)`.
        by: &'static str,
    },
    /// A trigger of the app refuses or ignores the updates with which changes are tracked.
    StopsBookkeeping {
        /// The table.
        table: &'static str,
        /// The trigger.
        trigger: String,
        /// The columns of the app's data, as a list in SQL.
        columns: String,
    },
    /// Clean rows have other values than the store, which would change if they were serialised.
    OtherContent {
        /// The model.
        model: &'static str,
        /// The table.
        table: &'static str,
        /// The records.
        records: FoundRecords,
    },
    /// Clean rows have no record in the store, or a deleted one.
    NotInStore {
        /// The model.
        model: &'static str,
        /// The table.
        table: &'static str,
        /// The records.
        records: FoundRecords,
    },
    /// The store has live records without a row in the table, and no list of deletions has them.
    OnlyInStore {
        /// The model.
        model: &'static str,
        /// The table.
        table: &'static str,
        /// The records.
        records: FoundRecords,
    },
    /// Records of the store whose last version has no counter, so peers may not get it.
    NoCounter {
        /// The model.
        model: String,
        /// The records.
        records: FoundRecords,
    },
    /// The store names a higher counter of the current instance than the instance has, as after a backup that was put back: peers
    /// would take its next changes for changes that they have.
    CounterBehind {
        /// The id of the instance.
        instance: String,
        /// Its counter.
        counter: i64,
        /// The highest counter of it in the store.
        known: i64,
    },
    /// Received records that came more than a year ago and could not be written to the app's table since.
    FailedLongAgo {
        /// The model.
        model: String,
        /// The records.
        records: FoundRecords,
    },
    /// Buffers of transfer sessions that no transfer needs any more.
    DeadBuffers {
        /// The number of sessions.
        sessions: u64,
        /// The number of records in their buffers.
        records: u64,
        /// The size of the records' texts in bytes.
        bytes: u64,
    },
}

impl fmt::Display for Difference {
    #[expect(clippy::too_many_lines, reason = "one message for each variant")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { table } => write!(
                f,
                "table `{table}` is damaged: restore a backup, or copy into a new file what the command `.recover` of the \
                 `sqlite3` shell still reads"
            ),
            Self::NoTable { table } => write!(f, "there is no table `{table}`"),
            Self::NoColumn { table, column } => write!(f, "table `{table}` has no column `{column}`"),
            Self::RenamedTable { table, found } => {
                write!(f, "table `{found}` is declared as `{table}` now: `Database::create` renames it")
            }
            Self::RenamedColumn { table, column, found } => write!(
                f,
                "column `{found}` of table `{table}` is declared as `{column}` now: `Database::create` renames it"
            ),
            Self::UnknownRetired { table, model, name } => write!(
                f,
                "`retired(\"{name}\")` of model `{model}` names neither a column of table `{table}` nor a key that a version of the \
                 app declared: correct the name"
            ),
            Self::Generated { table, column } => {
                write!(
                    f,
                    "column `{column}` of table `{table}` is generated from other columns, but its field is written"
                )
            }
            Self::Nullable { table, column } => {
                write!(f, "column `{column}` of table `{table}` may be NULL, and its field is no Option")
            }
            Self::NotNullable { table, column } => {
                write!(f, "column `{column}` of table `{table}` is NOT NULL, and its field is an Option")
            }
            Self::Type { table, column, found, expected } => {
                write!(
                    f,
                    "column `{column}` of table `{table}` is declared `{found}`, and its field is {expected}"
                )
            }
            Self::NotUnique { table } => write!(f, "column `id` of table `{table}` is not unique"),
            Self::NoUniqueKey { table, columns } => {
                write!(f, "table `{table}` has no unique index on `{}`, a unique key", columns.join("`, `"))
            }
            Self::Reference { table, column, found: None, expected } => {
                write!(
                    f,
                    "column `{column}` of table `{table}` is not a foreign key, but should be one {expected}"
                )
            }
            Self::Reference { table, column, found: Some(found), expected } => write!(
                f,
                "column `{column}` of table `{table}` is a foreign key {found}, but should be one {expected}"
            ),
            Self::Undeclared { table, column } => write!(
                f,
                "column `{column}` of table `{table}` is NOT NULL without a default, and no model declares it"
            ),
            Self::Values { table, column, count, record, expected } => {
                let rows = if *count == 1 { "row holds" } else { "rows hold" };
                write!(
                    f,
                    "{count} {rows} a value in column `{column}` of table `{table}` that its field cannot, such as record \
                     {record}: {column} is {expected}"
                )
            }
            Self::Default { table, column, found, expected } => {
                write!(
                    f,
                    "the default of column `{column}` of table `{table}` is {found}, and its field takes {expected}"
                )
            }
            Self::Newer { table, model, column } => write!(
                f,
                "column `{column}` of table `{table}` syncs in another version of the app, and model `{model}` does not declare it: \
                 rows that may hold a value in it are not serialised; use the newer version, or declare `retired(\"{column}\")`"
            ),
            Self::OtherModel { model, table } => write!(
                f,
                "model `{model}` of table `{table}` is declared by another version of the app, and not by this program: its rows are \
                 not serialised; use the newer version, or end the model with `Database::end_model`"
            ),
            Self::OtherDefault { table, column, found, expected } => {
                let found = found
                    .as_deref()
                    .map_or_else(|| "no default".to_owned(), |sql| format!("the default {sql}"));
                write!(
                    f,
                    "column `{column}` of table `{table}` has {found}, and is declared with {expected}: `Database::rebuild` changes it"
                )
            }
            Self::UnknownMigration { app, migration } => write!(
                f,
                "migration `{migration}` of `{app}` is later than the version of the application that the models were written for"
            ),
            Self::UnknownColumn { table, column } => write!(
                f,
                "column `{column}` of table `{table}` is unknown: the models were written for another version of the application"
            ),
            Self::NotTracked { table } => {
                write!(
                    f,
                    "table `{table}` is not tracked as its models declare it: call `Database::create` or `track`"
                )
            }
            Self::SkipsTriggers { table, trigger, by } => write!(
                f,
                "trigger `{trigger}` has {by} after a change of table `{table}`, so such a change is not tracked: \
                 make it a BEFORE trigger (for updates with its columns, `BEFORE UPDATE OF ..`), or remove that"
            ),
            Self::StopsBookkeeping { table, trigger, columns } => write!(
                f,
                "trigger `{trigger}` of table `{table}` refuses or ignores updates of the columns with which changes are \
                 tracked: name the columns that it guards, `UPDATE OF {columns}`"
            ),
            Self::OtherContent { model, table, records } => write!(
                f,
                "table `{table}` and the store differ in {records} of model `{model}`, and no row is marked as changed: \
                 `Database::mark_differing` marks them (command `mend`)"
            ),
            Self::NotInStore { model, table, records } => write!(
                f,
                "table `{table}` has {records} of model `{model}` that the store lacks, and no row is marked as changed: \
                 `Database::mark_differing` marks them (command `mend`)"
            ),
            Self::OnlyInStore { model, table, records } => write!(
                f,
                "the store has {records} of model `{model}` that table `{table}` lacks: if they were lost, \
                 `Database::restore_only_in_store` lets the next deserialising write them (command `mend --restore-only-in-store \
                 {model}`); if they were deleted, `Database::delete_only_in_store` lists them as deleted (command `mend \
                 --delete-only-in-store {model}`)"
            ),
            Self::NoCounter { model, records } => write!(
                f,
                "the store has {records} of model `{model}` without a counter of their last version, so peers may not get it: \
                 `Database::mend_counters` writes the counters (command `mend --counters`)"
            ),
            Self::CounterBehind { instance, counter, known } => write!(
                f,
                "instance {instance} has the counter {counter}, and the store knows {known} of it, so peers would not ask for its next \
                 changes: `Database::mend_counters` raises it (command `mend --counters`); after a backup, call `Database::restored`"
            ),
            Self::FailedLongAgo { model, records } => write!(
                f,
                "{records} of model `{model}` came more than a year ago and could not be written to the app's table: \
                 `Database::failures` has the errors (command `status`)"
            ),
            Self::DeadBuffers { sessions, records, bytes } => write!(
                f,
                "{sessions} transfer sessions that no transfer needs left {records} records of {bytes} bytes in the buffers: \
                 `Database::cleanup` removes them (command `cleanup`)"
            ),
        }
    }
}

//! The errors of a database and a program that belong to different versions of an app.

use syncline_serializer::model::InvalidColumn;

/// The database was declared by another version of the app than the program, and the two do not fit. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvolutionError {
    /// A model has another table than before, and the declaration does not say that it was renamed.
    #[error(
        "model `{model}` is declared with the table `{table}`, and its records are in table `{found}`: add `renamed_from = \"{found}\"` \
         to its `#[syncable(..)]`, and `create` renames the table"
    )]
    MovedTable {
        /// The model.
        model: &'static str,
        /// The declared table.
        table: &'static str,
        /// The table with the model's records.
        found: String,
    },
    /// A newer version of the app has renamed the table.
    #[error(
        "a newer version of the app has renamed table `{table}` of model `{model}` to `{renamed}`: use that version with this \
         database"
    )]
    TableWasRenamed {
        /// The model.
        model: &'static str,
        /// The declared table.
        table: &'static str,
        /// The table's name now.
        renamed: String,
    },
    /// A field has another column than before, and the declaration does not say that it was renamed.
    #[error(
        "the key `{key}` of table `{table}` is declared with the column `{column}`, and its values are in column `{found}`: add \
         `renamed_from = \"{found}\"` to the field, and `create` renames the column"
    )]
    MovedColumn {
        /// The table.
        table: &'static str,
        /// The key.
        key: &'static str,
        /// The declared column.
        column: &'static str,
        /// The column with the values.
        found: String,
    },
    /// A newer version of the app has renamed the column.
    #[error(
        "a newer version of the app has renamed column `{column}` of table `{table}` to `{renamed}`: use that version with this \
         database"
    )]
    ColumnWasRenamed {
        /// The table.
        table: &'static str,
        /// The declared column.
        column: &'static str,
        /// The column's name now.
        renamed: String,
    },
    /// Both names of a renamed table or column exist.
    #[error(
        "`{old}` cannot be renamed to `{new}` in {place}, because both exist: move what you need out of `{old}`, and drop it"
    )]
    BothExist {
        /// The database, or the table.
        place: String,
        /// The former name.
        old: String,
        /// The new name.
        new: &'static str,
    },
    /// A column has another key than before.
    #[error(
        "column `{column}` of table `{table}` is declared with the key `{key}`, and other machines know it as `{known}`: add `key = \
         \"{known}\"` to the field. For a new field take a new column, and declare `retired(\"{known}\")`"
    )]
    OtherKey {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The declared key.
        key: &'static str,
        /// The key so far.
        known: String,
    },
    /// A table that holds the records of one model is declared for another.
    #[error(
        "table `{table}` holds records of the model `{found}`, and is declared for the model `{model}`: ids are made of the model's \
         name, so it cannot change. Keep `model = \"{found}\"`, or give the new model a table of its own, copy the rows without \
         their ids, and call `Database::end_model`"
    )]
    OtherModel {
        /// The table.
        table: &'static str,
        /// The declared model.
        model: &'static str,
        /// The model of the records in the table.
        found: String,
    },
    /// The definition of a column in the table is not the declared one, and `ALTER TABLE` cannot change it.
    #[error(
        "column `{column}` of table `{table}` is {found}, and is declared {declared} now: SQLite changes that only in a new table; \
         call `Database::rebuild` once, which makes the table again with its rows, or undo the change"
    )]
    Rebuild {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The definition in the table.
        found: String,
        /// The declared definition.
        declared: String,
    },
    /// A row holds a value that the declaration does not allow any more.
    #[error(
        "the declaration changed, and a row does not fit it: change the row before, by the older version or by SQL"
    )]
    Row(#[source] InvalidColumn),
    /// Rows hold `NULL` in a column whose field is no longer an `Option`.
    #[error(
        "{} NULL in column `{column}` of table `{table}`, whose field is no longer an Option: {}change the rows before, by the older \
         version or by SQL",
        if *rows == 1 { "1 row holds".to_owned() } else { format!("{rows} rows hold") },
        default.map(|sql| format!("call `Database::rebuild` once, which fills in the default {sql}, or ")).unwrap_or_default()
    )]
    Null {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The number of rows.
        rows: u64,
        /// The value that [`Database::rebuild`](crate::Database::rebuild) writes into these rows, as SQL: the field's `default`.
        default: Option<&'static str>,
    },
    /// A retired column must be given in every `INSERT`, and no model declares it.
    #[error(
        "column `{column}` of table `{table}` is `retired`, and it is NOT NULL without a default, so no row could be inserted: call \
         `Database::drop_retired` once, which drops the column, or keep the field"
    )]
    RetiredButRequired {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
    },
    /// A table holds records of a model that only another version of the app declares, and is not tracked for them.
    #[error(
        "table `{table}` holds records of the model `{model}`, which this program does not declare, and it is not tracked as the \
         version that declares it needs: call `create` with that version first"
    )]
    SharedTable {
        /// The table.
        table: &'static str,
        /// The model.
        model: String,
    },
    /// A model was to be ended that the program declares.
    #[error(
        "model `{model}` is declared by this program: remove it from the profile before its records are ended"
    )]
    StillDeclared {
        /// The model.
        model: String,
    },
    /// A model was to be ended that the database does not know.
    #[error("the database has no model `{model}`: {known}")]
    NoModel {
        /// The model.
        model: String,
        /// The models that can be ended.
        known: String,
    },
    /// A table cannot be made again.
    #[error(
        "table `{table}` cannot be made again: {reason}; change it by SQL, then call `create` or `track`"
    )]
    CannotRebuild {
        /// The table.
        table: String,
        /// The reason.
        reason: String,
    },
    /// Another version of the app declared something between two commits of a run.
    #[error("another version of the app has declared more columns during the run: run it again")]
    DeclaredMeanwhile,
    /// The application that makes the tables has a later migration than the profile was written for.
    #[error(
        "the database has the migration `{migration}` of `{app}`, and this program was written for {application}: records could \
         have values that it does not know, so nothing was serialised; use a program for the later version, or accept that such \
         values are left out"
    )]
    UnknownMigration {
        /// The application and version that the profile was written for.
        application: &'static str,
        /// The Django app.
        app: String,
        /// The migration.
        migration: String,
    },
    /// A synced table of another application has a column that the profile does not know.
    #[error(
        "table `{table}` has a column `{column}`, and this program was written for {application}: its values would be left out, so \
         nothing was serialised; use a program for the later version, or accept that such values are left out"
    )]
    UnknownColumn {
        /// The application and version that the profile was written for.
        application: &'static str,
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
}

//! The table `syncline_tracking`: the schema that the tracked tables had when they were last looked at, and the number of
//! records that only the store has.
//!
//! A trigger that was dropped and created again has the same text as before, so texts alone do not prove that every
//! change was tracked. `SQLite` counts the changes of a schema (`PRAGMA schema_version`). [`SchemaState`] is that counter
//! with the number and the size of this crate's triggers, which show an edit through `PRAGMA writable_schema`, and the
//! id of the database, because the schema of a new file that is written from a dump may count as many changes. If a
//! model's state is the recorded one, its triggers were there all the time.
//!
//! * `compared` is the state when the table was last compared with the store, or known to be equal. `create` and
//!   `track` compare at another state.
//! * `tracked` is the state when the triggers were last found as declared. A run looks at the triggers at another
//!   state.
//!
//! A schema that this crate changes itself ([`renew`]) changes the recorded states too. Other changes, such as a
//! `VACUUM`, cost one more comparison. The table exists only in databases of this library, not beside
//! `django_migrations`.

use rusqlite::{Connection, OptionalExtension as _};
use syncline_serializer::model::{Model, Profile, Syncable};

use crate::app::comparison::Comparison;
use crate::app::declared::Newer;
use crate::app::table::Table;
use crate::app::triggers::trigger::PREFIX;
use crate::app::triggers::{self, Hindrance};
use crate::app::unfinished;
use crate::error::{Doing, SchemaError, SqliteError};
use crate::store::schema::is_of_django;

const TABLE: &str = "syncline_tracking";

const READING: &str = "reading when the tables were last tracked";
const WRITING: &str = "writing down that the tables are tracked";

/// A state of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SchemaState(String);

impl SchemaState {
    /// The current state, in the open transaction.
    pub(crate) fn of(connection: &Connection) -> Result<Self, SqliteError> {
        const DOING: &str = "reading the version of the schema";

        let has_id = connection.table_exists(Some("main"), "morango_databaseidmodel").doing(DOING)?;
        let database =
            if has_id { "(SELECT max(id) FROM main.morango_databaseidmodel WHERE current)" } else { "NULL" };
        connection
            .prepare_cached(&format!(
                "SELECT schema_version || ':' || (SELECT count(*) || ':' || ifnull(sum(length(sql)), 0) \
                 FROM main.sqlite_schema WHERE type = 'trigger' AND name GLOB ?1 || '*') || ':' || ifnull({database}, '') \
                 FROM pragma_schema_version",
            ))
            .and_then(|mut statement| statement.query_row([PREFIX], |row| row.get(0)))
            .map(Self)
            .doing(DOING)
    }
}

/// Creates the table, if it does not exist.
pub(crate) fn make(connection: &Connection) -> Result<(), SqliteError> {
    connection
        .execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS {TABLE} (
                profile varchar(40) NOT NULL,
                model varchar(40) NOT NULL,
                columns text NOT NULL,
                compared text NOT NULL,
                tracked text NOT NULL,
                only_in_store integer NOT NULL,
                PRIMARY KEY (profile, model)
            )"
        ))
        .doing("making a table")
}

/// The synced columns of a model, as one text.
fn columns(model: &Model) -> String {
    model.columns.iter().flat_map(|column| [column.name, "\n"]).collect()
}

/// A row of the table.
struct LastTracked {
    columns: String,
    compared: String,
    tracked: String,
    only_in_store: u64,
}

impl LastTracked {
    /// Reads the row of a model. `None` if there is none, or no table.
    fn of(connection: &Connection, profile: &str, model: &str) -> Result<Option<Self>, SqliteError> {
        let sql = format!(
            "SELECT columns, compared, tracked, only_in_store FROM {TABLE} WHERE profile = ?1 AND model = ?2"
        );
        let mut statement = connection.prepare_cached(&sql).doing(READING)?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Self {
                columns: row.get(0)?,
                compared: row.get(1)?,
                tracked: row.get(2)?,
                only_in_store: row.get(3)?,
            })
        };
        statement.query_row((profile, model), read).optional().doing(READING)
    }

    /// Returns `true` if the triggers tracked the synced columns of `model` at `state`.
    fn tracks(&self, model: &Model, state: &SchemaState) -> bool {
        self.tracked == state.0
            && model.columns.iter().all(|column| self.columns.split('\n').any(|known| known == column.name))
    }
}

fn exists(connection: &Connection) -> Result<bool, SqliteError> {
    connection.table_exists(Some("main"), TABLE).doing(READING)
}

/// Returns `true` if `model` was last compared at `state`, and no record was found that only the store has.
pub(crate) fn is_compared(
    connection: &Connection,
    profile: &str,
    model: &Model,
    state: &SchemaState,
) -> Result<bool, SqliteError> {
    Ok(exists(connection)?
        && LastTracked::of(connection, profile, model.name)?
            .is_some_and(|last| last.compared == state.0 && last.only_in_store == 0))
}

/// Writes down that all models of `P` are tracked now, and the findings of `comparison`. Models that were at `before`
/// when the transaction began, and that the transaction did not compare, stay as they are.
pub(crate) fn record<P: Profile>(
    connection: &Connection,
    before: &SchemaState,
    comparison: &Comparison,
) -> Result<(), SqliteError> {
    renew(connection, before)?;
    let now = SchemaState::of(connection)?;
    // Nothing is written if nothing changed.
    let sql = format!(
        "INSERT INTO {TABLE} (profile, model, columns, compared, tracked, only_in_store) \
         VALUES (?1, ?2, ?3, ?4, ?4, ifnull(?5, 0)) ON CONFLICT (profile, model) DO UPDATE \
         SET columns = excluded.columns, compared = excluded.compared, tracked = excluded.tracked, \
         only_in_store = ifnull(?5, only_in_store) \
         WHERE columns <> excluded.columns OR compared <> excluded.compared OR tracked <> excluded.tracked \
         OR only_in_store <> ifnull(?5, only_in_store)"
    );
    let mut statement = connection.prepare_cached(&sql).doing(WRITING)?;
    for model in P::MODELS {
        let compared = comparison.models.iter().find(|compared| compared.model == model.name);
        let only_in_store = compared.map(|compared| compared.only_in_store.count);
        statement.execute((P::NAME, model.name, columns(model), &now.0, only_in_store)).doing(WRITING)?;
    }
    Ok(())
}

/// Replaces the state `before` by the current one: this transaction changed the schema itself.
pub(crate) fn renew(connection: &Connection, before: &SchemaState) -> Result<(), SqliteError> {
    let now = SchemaState::of(connection)?;
    if now == *before || !exists(connection)? {
        return Ok(());
    }
    for column in ["compared", "tracked"] {
        let sql = format!("UPDATE {TABLE} SET {column} = ?2 WHERE {column} = ?1");
        connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.execute((&before.0, &now.0)))
            .doing(WRITING)?;
    }
    Ok(())
}

/// The state of the tables at the beginning of a run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Required {
    /// The number of records that only the store had when it was last compared.
    pub(crate) only_in_store: u64,
    /// `true` if rows of the tables were changed: only this connection sees that.
    pub(crate) changed_rows: bool,
}

/// Checks that the tables of `P` are tracked as declared, and completes their rows without an id.
///
/// A database with `django_migrations` is not tracked, nor are models without partitions. At a known state of the schema
/// this takes one query for each model, and one for all. Temporary triggers are no part of that state.
///
/// # Errors
///
/// If a table is not tracked, one of the app's triggers hides changes from those that track them, or a row cannot be completed.
pub(crate) fn require<P: Profile>(connection: &Connection) -> Result<Required, SchemaError> {
    if is_of_django(connection)? || P::MODELS.iter().any(|model| model.partition.is_none()) {
        return Ok(Required::default());
    }
    let state = SchemaState::of(connection)?;
    let (mut only_in_store, mut is_known) = (0, exists(connection)?);
    if is_known {
        for model in P::MODELS {
            let last = LastTracked::of(connection, P::NAME, model.name)?;
            is_known &= last.as_ref().is_some_and(|last| last.tracks(model, &state));
            only_in_store += last.map_or(0, |last| last.only_in_store);
        }
    }
    if is_known && !triggers::are_temporary(connection)? {
        return Ok(Required { only_in_store, changed_rows: unfinished::complete::<P>(connection)? });
    }
    let newer = Newer::read::<P>(connection)?;
    for mut table in Table::all::<P>()? {
        table.add_newer(&newer);
        if !is_known && !triggers::are_made(connection, P::NAME, &table)? {
            return Err(SchemaError::NotTracked { table: table.name.to_owned() });
        }
        // A trigger that refuses or ignores bookkeeping is left to `create`: a run needs none of its updates.
        let hindrances = triggers::hindrances(connection, &table)?;
        if let Some(hindrance) = hindrances.into_iter().find(Hindrance::hides_changes) {
            return Err(hindrance.into_error(&table));
        }
    }
    let changed_rows = unfinished::complete::<P>(connection)?;
    if !is_known && exists(connection)? {
        let sql = format!("UPDATE {TABLE} SET tracked = ?1, columns = ?4 WHERE profile = ?2 AND model = ?3");
        let mut statement = connection.prepare_cached(&sql).doing(WRITING)?;
        for model in P::MODELS {
            statement.execute((&state.0, P::NAME, model.name, columns(model))).doing(WRITING)?;
        }
    }
    Ok(Required { only_in_store, changed_rows })
}

/// The number of records of `model` that only the store had when it was last compared.
pub(crate) fn only_in_store(connection: &Connection, profile: &str, model: &str) -> Result<u64, SqliteError> {
    if !exists(connection)? {
        return Ok(0);
    }
    Ok(LastTracked::of(connection, profile, model)?.map_or(0, |last| last.only_in_store))
}

/// Writes down the number of records of `model` that only the store has.
pub(crate) fn set_only_in_store(
    connection: &Connection,
    profile: &str,
    model: &str,
    count: u64,
) -> Result<(), SqliteError> {
    if exists(connection)? {
        let sql = format!("UPDATE {TABLE} SET only_in_store = ?3 WHERE profile = ?1 AND model = ?2");
        connection.execute(&sql, (profile, model, count)).doing(WRITING)?;
    }
    Ok(())
}

/// Writes down that one record of `M` less is only in the store.
pub(crate) fn is_no_more_only_in_store<M: Syncable>(connection: &Connection) -> Result<(), SqliteError> {
    let profile = <M::Profile as Profile>::NAME;
    let count = only_in_store(connection, profile, M::NAME)?;
    set_only_in_store(connection, profile, M::NAME, count.saturating_sub(1))
}

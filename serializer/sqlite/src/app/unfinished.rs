//! Rows whose id was never computed: the pending id is still there.
//!
//! The triggers compute an id right after the row is inserted, and reject the row if they cannot. Yet some rows stay with
//! a pending id:
//!
//! * `INSERT OR FAIL` keeps the row if a trigger of the app, which runs first, violates a constraint. SQLite then ends the
//!   statement, and no other trigger runs.
//! * If `recursive_triggers` is off, a trigger does not run within itself. So a row has no id if a trigger of the app
//!   inserts it while another row of the table is marked or completed.
//! * The triggers were missing, or switched off.
//!
//! `create`, `track` and every run complete these rows, with the triggers switched off: a trigger of the app that failed
//! once, or that inserts further rows, has no effect on that. To find the rows takes a search in the index of ids.

use rusqlite::{Connection, ErrorCode};
use syncline_core::BoxError;
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{OWN_ID, Profile};

use crate::app::computed_ids::{pending_id, sha256, takes_source_id};
use crate::app::identity_sql::{pending_partition, source_id};
use crate::app::table::Table;
use crate::error::{Doing, SchemaError, SqliteError};
use crate::store::names::{Literal, Quoted};
use crate::store::selection::of_model;
use crate::store::without_triggers::without_any_triggers;

const DOING: &str = "computing the ids of rows without one";

/// Completes the rows of the models of `P` that have a pending id. Returns `true` if there was one.
///
/// # Errors
///
/// If a row cannot be completed, for example because another row has its id.
pub(crate) fn complete<P: Profile>(connection: &Connection) -> Result<bool, SchemaError> {
    let are_unfinished: Vec<_> = P::MODELS
        .iter()
        .map(|model| {
            let id = Quoted(ID).to_string();
            format!("EXISTS (SELECT 1 FROM {} WHERE {})", Quoted(model.table), pending_id::is(&id))
        })
        .collect();
    let is_needed: bool = connection
        .prepare_cached(&format!("SELECT {}", are_unfinished.join(" OR ")))
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .doing(DOING)?;
    if is_needed {
        for table in Table::all::<P>()? {
            table.complete(connection, P::NAME)?;
        }
    }
    Ok(is_needed)
}

impl Table {
    fn complete(&self, connection: &Connection, profile: &str) -> Result<(), SchemaError> {
        if !is_utf_8(connection)? {
            return self.require_complete(
                connection,
                "this database does not keep its text as UTF-8, of which ids are made".into(),
            );
        }
        let done = without_any_triggers(connection, || {
            self.completions(profile).iter().try_for_each(|sql| connection.execute(sql, []).map(drop))
        });
        match done {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                self.require_complete(connection, error.into())
            }
            Err(error) => Err(SqliteError::new(DOING, error).into()),
            Ok(()) => self.require_complete(
                connection,
                "the app computes the ids of its model, or the sync store has the id with another identity"
                    .into(),
            ),
        }
    }

    /// The statements that complete the rows, in the steps of the triggers (`computed_ids/`).
    fn completions(&self, profile: &str) -> Vec<String> {
        let table = Quoted(self.name).to_string();
        let (id, source_column, partition_column) = (Quoted(ID), Quoted(SOURCE_ID), Quoted(PARTITION));
        let is_pending = is_pending(&id.to_string());
        let made = format!("substr({table}.{id}, 5)");
        let in_place = format!("replace({table}.{partition_column}, {}, {made})", Literal(OWN_ID));
        let mut statements = vec![format!(
            "UPDATE {table} SET {id} = {} WHERE {is_pending} AND {} IS NULL",
            pending_id::digits(&id.to_string()),
            self.model_of("")
        )];
        for model in self.models.iter().filter(|model| !model.computes_id) {
            let or_made = |column: Quoted<'_>, made: &str| {
                format!("{column} = CASE WHEN ifnull({column}, '') = '' THEN {made} ELSE {column} END")
            };
            let of_model = of_model(model, "");
            statements.push(format!(
                "UPDATE {table} SET {} = 1, {}, {} WHERE {is_pending} AND {of_model}",
                Quoted(DIRTY_BIT),
                or_made(source_column, &source_id(model, &table)),
                or_made(partition_column, &pending_partition(model, &table)),
            ));
            let hash = if takes_source_id(model) {
                source_column.to_string()
            } else {
                sha256::first_half(&format!(
                    "{table}.{partition_column}||'::'||{table}.{source_column}||'::'||{}",
                    Literal(model.name)
                ))
            };
            statements.push(format!(
                "UPDATE {table} SET {id} = 'new:' || {hash} WHERE {is_pending} AND {of_model}"
            ));
            let discriminator = model
                .discriminator
                .map(|discriminator| format!(", {table}.{0} AS {0}", Quoted(discriminator.column)));
            statements.push(format!(
                "UPDATE {table} SET {id} = {made}, {partition_column} = {in_place} WHERE {is_pending} AND {of_model} \
                 AND NOT EXISTS (SELECT 1 FROM (SELECT {made} AS {id}, {in_place} AS {partition_column}, \
                 {table}.{source_column} AS {source_column}{}) AS made WHERE {})",
                discriminator.unwrap_or_default(),
                self.is_another_in_store("made", profile)
            ));
        }
        statements
    }

    /// Fails if a row has a pending id, for `reason`.
    fn require_complete(&self, connection: &Connection, reason: BoxError) -> Result<(), SchemaError> {
        let id = Quoted(ID).to_string();
        let sql = format!("SELECT min({id}) FROM {} WHERE {}", Quoted(self.name), is_pending(&id));
        let row: Option<String> = connection.query_row(&sql, [], |row| row.get(0)).doing(DOING)?;
        row.map_or(Ok(()), |row| {
            Err(SchemaError::Unfinished { table: self.name.to_owned(), row, source: reason })
        })
    }
}

/// The condition that the column `id` has a pending id. The first half uses the index.
fn is_pending(id: &str) -> String {
    format!("{} AND ({})", pending_id::is(id), pending_id::is_well_formed(id))
}

fn is_utf_8(connection: &Connection) -> Result<bool, SqliteError> {
    connection.query_row("SELECT hex('a') = '61'", [], |row| row.get(0)).doing(DOING)
}

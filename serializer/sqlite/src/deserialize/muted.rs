//! `Muted`: a transaction in which the triggers that track changes are quiet.
//!
//! The rows that this leg writes come from the store, so they are no change of the app's: no row becomes dirty, and no deletion
//! is listed. The app's own triggers run.
//!
//! If the app has no triggers, SQLite compiles the statements of this connection without any
//! (`SQLITE_DBCONFIG_ENABLE_TRIGGER`). Otherwise the tracking triggers are dropped in the leg's transaction, and made again before
//! its end, with the same SQL. The app's are then made again as well, because the newest triggers run first, and the app's must.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::app::last_tracked::{self, SchemaState};
use crate::error::{Doing, SqliteError};
use crate::store::names::{Quoted, TRIGGER_PREFIX};

const DOING: &str = "muting the triggers that track changes";
const SETTING: DbConfig = DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;

/// The open transaction of a leg, with the tracking triggers quiet. Drop, after an error, turns the setting back; dropped triggers
/// come back with the rollback.
#[derive(Debug)]
pub(super) struct Muted<'c> {
    connection: &'c Connection,
    how: How,
}

#[derive(Debug)]
enum How {
    /// The database has no tracking triggers, or the connection runs none.
    Nothing,
    TriggersOff,
    Dropped {
        /// The SQL of the tracking triggers, the oldest first.
        tracking: Vec<String>,
        before: SchemaState,
    },
}

impl<'c> Muted<'c> {
    pub(super) fn begin(connection: &'c Connection) -> Result<Self, SqliteError> {
        let are_on = connection.db_config(SETTING).doing(DOING)?;
        let tracking = triggers(connection, "main.sqlite_schema", "GLOB", "")?;
        if tracking.is_empty() || !are_on {
            return Ok(Self { connection, how: How::Nothing });
        }
        let has_others = !triggers(connection, "main.sqlite_schema", "NOT GLOB", "")?.is_empty()
            || !triggers(connection, "temp.sqlite_schema", "NOT GLOB", "")?.is_empty();
        if !has_others {
            connection.set_db_config(SETTING, false).doing(DOING)?;
            return Ok(Self { connection, how: How::TriggersOff });
        }
        let before = SchemaState::of(connection)?;
        for (name, _) in &tracking {
            connection.execute_batch(&format!("DROP TRIGGER main.{}", Quoted(name))).doing(DOING)?;
        }
        let tracking = tracking.into_iter().map(|(_, sql)| sql).collect();
        Ok(Self { connection, how: How::Dropped { tracking, before } })
    }

    /// Ends the quiet.
    pub(super) fn end(mut self) -> Result<(), SqliteError> {
        match std::mem::replace(&mut self.how, How::Nothing) {
            How::Nothing => Ok(()),
            How::TriggersOff => self.connection.set_db_config(SETTING, true).map(drop).doing(DOING),
            How::Dropped { tracking, before } => {
                for sql in &tracking {
                    self.connection.execute_batch(sql).doing(DOING)?;
                }
                let of_tracked_table = "AND tbl_name COLLATE NOCASE IN (SELECT tbl_name FROM main.sqlite_schema \
                                        WHERE type = 'trigger' AND name GLOB ?1 || '*')";
                let others = triggers(self.connection, "main.sqlite_schema", "NOT GLOB", of_tracked_table)?;
                for (name, sql) in others {
                    let again = format!("DROP TRIGGER main.{}; {sql}", Quoted(&name));
                    self.connection.execute_batch(&again).doing(DOING)?;
                }
                last_tracked::renew(self.connection, &before)
            }
        }
    }
}

impl Drop for Muted<'_> {
    fn drop(&mut self) {
        // An error is returned already, and the transaction is rolled back.
        if matches!(self.how, How::TriggersOff)
            && let Err(error) = self.connection.set_db_config(SETTING, true)
        {
            tracing::error!("the triggers of the connection could not be turned on again: {error}");
        }
    }
}

/// The triggers in `schema` whose names match our prefix by `operator`, the oldest first: names and SQL.
fn triggers(
    connection: &Connection,
    schema: &str,
    operator: &str,
    condition: &str,
) -> Result<Vec<(String, String)>, SqliteError> {
    connection
        .prepare(&format!(
            "SELECT name, sql FROM {schema} WHERE type = 'trigger' AND name {operator} ?1 || '*' {condition} ORDER BY rowid"
        ))
        .and_then(|mut select| {
            select.query_map([TRIGGER_PREFIX], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
        .doing(DOING)
}

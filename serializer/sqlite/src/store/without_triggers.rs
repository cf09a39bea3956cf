//! Statements that run no triggers.
//!
//! Clearing a dirty bit, and completing rows that exist already, is bookkeeping, for which no trigger of the app should run.
//! With the setting `SQLITE_DBCONFIG_ENABLE_TRIGGER` off, SQLite compiles statements without the triggers of the
//! database. It still compiles temporary ones, so these are dropped meanwhile.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::store::names::TRIGGER_PREFIX;

/// Runs `work` in the open transaction. The statements that it prepares and ends run no triggers of the app.
///
/// Changing the setting makes SQLite compile all cached statements of the connection anew. So the setting changes only if
/// the app has triggers, and `work` should be many statements.
///
/// # Errors
///
/// If `work` fails, or the triggers cannot be turned off or on. The setting and the temporary triggers are there again
/// then, and also after a panic.
pub(crate) fn without_triggers<T>(
    connection: &Connection,
    work: impl FnOnce() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    if has_triggers(connection)? { without_any_triggers(connection, work) } else { work() }
}

/// Runs `work` in the open transaction, without this library's triggers too.
///
/// # Errors
///
/// As for [`without_triggers`].
pub(crate) fn without_any_triggers<T>(
    connection: &Connection,
    work: impl FnOnce() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let mut off = TriggersOff::begin(connection)?;
    let done = work()?;
    off.put_back()?;
    Ok(done)
}

/// Returns `true` if the database or the connection has triggers that are not this library's.
fn has_triggers(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM (SELECT type, name FROM main.sqlite_schema \
             UNION ALL SELECT type, name FROM temp.sqlite_schema) \
             WHERE type = 'trigger' AND name NOT GLOB ?1 || '*'",
        )?
        .exists([TRIGGER_PREFIX])
}

/// A connection whose triggers are off. Drop turns them on again.
#[derive(Debug)]
struct TriggersOff<'c> {
    connection: &'c Connection,
    /// `true` if the setting was changed.
    is_changed: bool,
    /// The SQL of the dropped temporary triggers, the oldest first.
    dropped: Vec<String>,
}

impl<'c> TriggersOff<'c> {
    const SETTING: DbConfig = DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;

    fn begin(connection: &'c Connection) -> rusqlite::Result<Self> {
        let mut off = Self { connection, is_changed: false, dropped: Vec::new() };
        off.drop_temporary()?;
        if connection.db_config(Self::SETTING)? {
            connection.set_db_config(Self::SETTING, false)?;
            off.is_changed = true;
        }
        Ok(off)
    }

    fn drop_temporary(&mut self) -> rusqlite::Result<()> {
        let triggers: Vec<(String, String)> = self
            .connection
            .prepare_cached(
                "SELECT format('DROP TRIGGER temp.\"%w\"', name), sql FROM temp.sqlite_schema \
                 WHERE type = 'trigger' AND name NOT GLOB ?1 || '*' ORDER BY rowid",
            )?
            .query_map([TRIGGER_PREFIX], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (drop, sql) in triggers {
            self.connection.execute_batch(&drop)?;
            self.dropped.push(sql);
        }
        Ok(())
    }

    fn put_back(&mut self) -> rusqlite::Result<()> {
        if std::mem::take(&mut self.is_changed) {
            self.connection.set_db_config(Self::SETTING, true)?;
        }
        for sql in std::mem::take(&mut self.dropped) {
            // SQLite stores the text without the word TEMP. A rollback has brought the trigger back already.
            let rest = sql.strip_prefix("CREATE TRIGGER").unwrap_or(&sql);
            self.connection.execute_batch(&format!("CREATE TEMP TRIGGER IF NOT EXISTS {rest}"))?;
        }
        Ok(())
    }
}

impl Drop for TriggersOff<'_> {
    fn drop(&mut self) {
        // An error of `work` is returned already, and the transaction is rolled back.
        if let Err(error) = self.put_back() {
            tracing::error!("the triggers of the connection could not be turned on again: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use std::panic::{AssertUnwindSafe, catch_unwind};

    use rusqlite::{Connection, Error};

    use super::{TriggersOff, without_triggers};

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE item (id, seen DEFAULT 0); CREATE TABLE log (what); INSERT INTO item (id) VALUES (1); \
                 CREATE TRIGGER stored AFTER UPDATE ON item BEGIN INSERT INTO log VALUES ('stored'); END; \
                 CREATE TEMP TRIGGER \"tempo\"\"rary\" AFTER UPDATE ON item BEGIN INSERT INTO log VALUES ('first'); END; \
                 CREATE TEMP TRIGGER newer AFTER UPDATE ON main.item BEGIN INSERT INTO log VALUES ('newer'); END",
            )
            .unwrap();
        connection
    }

    fn log(connection: &Connection) -> Vec<String> {
        let mut log = connection.prepare("SELECT what FROM log ORDER BY rowid").unwrap();
        log.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    fn update(connection: &Connection) -> rusqlite::Result<usize> {
        connection.prepare_cached("UPDATE item SET seen = seen + 1")?.execute([])
    }

    #[test]
    fn triggers_are_off_meanwhile_and_on_again() {
        let connection = connection();
        update(&connection).unwrap();
        let once = log(&connection);
        assert_eq!(once.len(), 3);
        // The statement is in the cache, compiled with triggers.
        without_triggers(&connection, || update(&connection)).unwrap();
        assert_eq!(log(&connection), once);
        update(&connection).unwrap();
        assert_eq!(log(&connection), [once.clone(), once].concat());
    }

    #[test]
    fn an_error_and_a_panic_turn_them_on_again() {
        let connection = connection();
        update(&connection).unwrap();
        let once = log(&connection);
        let failed: rusqlite::Result<()> = without_triggers(&connection, || Err(Error::InvalidQuery));
        assert!(failed.is_err());
        update(&connection).unwrap();
        assert_eq!(log(&connection), [&once[..]; 2].concat());
        let work = || without_triggers::<()>(&connection, || panic!("in the middle"));
        assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
        update(&connection).unwrap();
        assert_eq!(log(&connection), [&once[..]; 3].concat());
    }

    #[test]
    fn a_rollback_in_the_middle_brings_them_back() {
        let connection = connection();
        update(&connection).unwrap();
        let once = log(&connection);
        connection.execute_batch("BEGIN").unwrap();
        let failed: rusqlite::Result<()> = without_triggers(&connection, || {
            connection.execute_batch("ROLLBACK")?;
            Err(Error::InvalidQuery)
        });
        assert!(failed.is_err());
        update(&connection).unwrap();
        assert_eq!(log(&connection), [&once[..]; 2].concat());
    }

    #[test]
    fn triggers_that_are_off_stay_off() {
        let connection = connection();
        connection.set_db_config(TriggersOff::SETTING, false).unwrap();
        without_triggers(&connection, || update(&connection)).unwrap();
        assert!(!connection.db_config(TriggersOff::SETTING).unwrap());
        assert_eq!(log(&connection), [""; 0]);
    }
}

//! The temporary tables of a leg: the failures of the run, the records that are deleted in turn, and the rows that went.
//!
//! SQLite keeps them in files once they are large, so the memory of a run does not grow with them.

use rusqlite::Connection;

/// Creates the tables. The rollback of the transaction drops them as well.
pub(super) fn make(connection: &Connection) -> rusqlite::Result<()> {
    drop_all(connection)?;
    connection.execute_batch(
        "CREATE TEMP TABLE syncline_failed (id TEXT PRIMARY KEY, \"row\" INTEGER NOT NULL, model INTEGER NOT NULL, \
         class TEXT NOT NULL, invalid INTEGER NOT NULL, again INTEGER NOT NULL, pass INTEGER NOT NULL) WITHOUT ROWID; \
         CREATE TEMP TABLE syncline_passed (id TEXT PRIMARY KEY, hard INTEGER NOT NULL) WITHOUT ROWID; \
         CREATE TEMP TABLE syncline_gone (id TEXT PRIMARY KEY, \"table\" TEXT NOT NULL) WITHOUT ROWID; \
         CREATE TEMP TABLE syncline_going (\"table\" INTEGER NOT NULL, \"key\", generation INTEGER NOT NULL, \
         PRIMARY KEY (\"table\", \"key\")) WITHOUT ROWID; \
         CREATE TEMP TABLE syncline_tree (place INTEGER PRIMARY KEY, level INTEGER, \"row\" INTEGER NOT NULL)",
    )
}

/// Drops the tables.
pub(super) fn drop_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "DROP TABLE IF EXISTS temp.syncline_failed; DROP TABLE IF EXISTS temp.syncline_passed; \
         DROP TABLE IF EXISTS temp.syncline_gone; DROP TABLE IF EXISTS temp.syncline_going; \
         DROP TABLE IF EXISTS temp.syncline_tree",
    )
}

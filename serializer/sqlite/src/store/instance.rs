//! The current instance, which is this database on this machine, and its counter (morango.md §1.8, §1.9).

use std::fs;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension};
use syncline_serializer::instance::{Stamp, machine, this_machine};
use syncline_serializer::model::InvalidColumn;
use syncline_serializer::record_id::RecordId;

use crate::error::{Doing, RunError, SqliteError};
use crate::sqlite_row::SqliteRow;
use crate::store::place::{self, Identified, Place};
use crate::store::schema::is_of_django;

/// Increments the counter of the current instance, in the open transaction. A rollback undoes it.
///
/// The current instance is not computed here: the application that owns the database decides it.
///
/// # Errors
///
/// If no instance is current, or several are and none of them is this database on this machine; if the id is not a UUID
/// or the counter not an integer.
pub(crate) fn next_stamp(connection: &Connection) -> Result<Stamp, RunError> {
    let stamp = following_stamp(connection)?;
    connection
        .execute("UPDATE morango_instanceidmodel SET counter = ?1 WHERE current", [stamp.counter])
        .doing("incrementing the instance's counter")?;
    Ok(stamp)
}

/// The id of the current instance, and its counter. Fails as [`next_stamp`] does.
pub(crate) fn current(connection: &Connection) -> Result<(RecordId, i64), RunError> {
    let Stamp { instance, counter } = following_stamp(connection)?;
    let id = RecordId::parse(&instance).map_err(|source| {
        RunError::Invalid(InvalidColumn {
            table: "morango_instanceidmodel",
            column: "id",
            record: instance,
            source,
        })
    })?;
    Ok((id, counter - 1))
}

fn following_stamp(connection: &Connection) -> Result<Stamp, RunError> {
    const DOING: &str = "reading the current instance";

    let count = || {
        connection
            .query_row("SELECT count(*) FROM morango_instanceidmodel WHERE current", [], |row| row.get(0))
            .doing(DOING)
    };
    let mut current: usize = count()?;
    if current > 1 {
        keep_this_machine(connection).doing(DOING)?;
        current = count()?;
    }
    if current != 1 {
        return Err(RunError::NoCurrentInstance { current });
    }
    // A counter that is not a number would count as 0, and earlier records would be newer.
    let stamp = connection
        .query_row("SELECT id, counter FROM morango_instanceidmodel WHERE current", [], |row| {
            Ok(Stamp::after(&SqliteRow(row)))
        })
        .doing(DOING)?
        .map_err(RunError::Invalid)?;
    Ok(stamp)
}

/// If several instances are current and one of them is this database on this machine, makes it the only current one, as
/// Morango does.
fn keep_this_machine(connection: &Connection) -> rusqlite::Result<()> {
    if !connection.table_exists(None, "morango_databaseidmodel")? {
        return Ok(());
    }
    let database: Option<String> = connection
        .query_row("SELECT id FROM morango_databaseidmodel WHERE current", [], |row| row.get(0))
        .optional()?;
    let Some(database) = database else {
        return Ok(());
    };
    connection.execute(
        "UPDATE morango_instanceidmodel SET current = 0 WHERE current AND id <> ?1 \
         AND EXISTS (SELECT 1 FROM morango_instanceidmodel WHERE current AND id = ?1)",
        [this_machine(&database).as_str()],
    )?;
    Ok(())
}

/// Makes this database on this machine the current instance, in the open transaction (morango.md §1.7, §1.8).
///
/// It is computed at every open: a file that was copied must become another instance, or both files would use the same
/// counters. Do not call it for a database whose application does this itself.
pub(crate) fn make_current(connection: &Connection, path: &str) -> rusqlite::Result<RecordId> {
    let place = Place::of(connection);
    let database = database_id(connection, place.as_ref())?;
    make_current_instance(connection, path, &database, place.is_some())
}

/// Makes another instance the current one, because the file was put back from a backup: peers may have seen counters of the
/// former instance that the file does not know.
pub(crate) fn make_another_current(connection: &Connection, path: &str) -> rusqlite::Result<RecordId> {
    let place = Place::of(connection);
    place::make_table(connection)?;
    place::forget_all(connection)?;
    let database = new_database_id(connection, place.as_ref())?;
    make_current_instance(connection, path, &database, place.is_some())
}

fn make_current_instance(
    connection: &Connection,
    path: &str,
    database: &str,
    is_file: bool,
) -> rusqlite::Result<RecordId> {
    let (system, node) = (machine::system_id(), machine::node_id());
    if is_file && let Some(reason) = machine::ambiguity() {
        tracing::warn!(
            "another machine may have the same ids as this one, because {reason}: if both have a copy of this database on a \
             copy of its file system, they count as one instance and lose changes; set MORANGO_SYSTEM_ID to an id of this \
             machine"
        );
    }
    let instance = this_machine(database);
    connection.execute(
        "UPDATE morango_instanceidmodel SET current = 0 WHERE current AND id <> ?1",
        [instance.as_str()],
    )?;
    connection.execute(
        "INSERT INTO morango_instanceidmodel \
         (id, platform, hostname, sysversion, node_id, counter, current, db_path, database_id, system_id) \
         VALUES (?1, ?2, ?3, ?4, ?5, 0, 1, ?6, ?7, ?8) \
         ON CONFLICT (id) DO UPDATE SET platform = excluded.platform, hostname = excluded.hostname, \
         sysversion = excluded.sysversion, node_id = excluded.node_id, current = 1, db_path = excluded.db_path, \
         database_id = excluded.database_id, system_id = excluded.system_id",
        (
            instance.as_str(),
            format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
            machine::hostname(),
            concat!("syncline ", env!("CARGO_PKG_VERSION")),
            node,
            path,
            database,
            system,
        ),
    )?;
    Ok(instance)
}

/// Like [`make_current`], but does nothing if the application does it, or if the database has no sync tables.
pub(crate) fn make_current_if_ours(connection: &Connection, path: &Path) -> Result<(), SqliteError> {
    const DOING: &str = "working out the current instance";

    let is_store = || -> rusqlite::Result<bool> {
        Ok(connection.table_exists(None, "morango_instanceidmodel")?
            && connection.table_exists(None, "morango_databaseidmodel")?)
    };
    if is_of_django(connection)? || !is_store().doing(DOING)? {
        return Ok(());
    }
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    make_current(connection, &path.to_string_lossy()).doing(DOING)?;
    Ok(())
}

/// Returns the id of the database at `place`. Creates another one if there is none, or if the file is not at the place that
/// was written down for it.
///
/// As in Morango, the instance's id is a hash of the database id, so another database id makes another instance.
fn database_id(connection: &Connection, place: Option<&Place>) -> rusqlite::Result<String> {
    place::make_table(connection)?;
    let current: Option<String> = connection
        .query_row("SELECT id FROM morango_databaseidmodel WHERE current", [], |row| row.get(0))
        .optional()?;
    let Some(database) = current else {
        return new_database_id(connection, place);
    };
    match place::identify(connection, &database, place)? {
        Identified::Here => {
            place::record(connection, &database, place)?;
            Ok(database)
        }
        Identified::Back { database } => {
            connection.execute(
                "UPDATE morango_databaseidmodel SET current = (id = ?1) WHERE current OR id = ?1",
                [&database],
            )?;
            Ok(database)
        }
        Identified::Moved => new_database_id(connection, place),
        Identified::Another => {
            tracing::info!("the database was copied or put back from a copy: it is another instance now");
            place::forget_all(connection)?;
            new_database_id(connection, place)
        }
    }
}

/// Creates a database id for the file at `place`, and makes it the current one.
fn new_database_id(connection: &Connection, place: Option<&Place>) -> rusqlite::Result<String> {
    let id = RecordId::random().to_string();
    connection.execute("UPDATE morango_databaseidmodel SET current = 0 WHERE current", [])?;
    connection.execute(
        "INSERT INTO morango_databaseidmodel (id, current, date_generated, initial_instance_id) \
         VALUES (?1, 1, strftime('%Y-%m-%d %H:%M:%f', 'now'), '')",
        [&id],
    )?;
    place::record(connection, &id, place)?;
    Ok(id)
}

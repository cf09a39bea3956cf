//! Opening the database of a command.

use std::path::Path;

use super::owner;
use crate::{Database, DatabaseError};

/// Opens it to look at it: nothing in it changes, nor beside it.
pub(super) fn read(path: &Path) -> Result<Database, DatabaseError> {
    Database::open_read_only(path)
}

/// Opens it to write to the store, and not in the name of the instance.
pub(super) fn write_store(path: &Path) -> Result<Database, DatabaseError> {
    let database = Database::open_existing(path)?;
    owner::warn(path);
    Ok(database)
}

/// Opens it to serialise. No file is made, and no sync tables where there are none.
///
/// Which instance a database of one of our own is is worked out anew, as whenever its application opens it: the file may
/// have been copied here from another machine.
pub(super) fn serialize(path: &Path) -> Result<Database, DatabaseError> {
    let database = write_store(path)?;
    let has_sync_tables =
        database.connection().table_exists(None, "morango_instanceidmodel").unwrap_or_default();
    if !has_sync_tables || database.is_of_django()? {
        return Ok(database);
    }
    drop(database);
    Database::open(path)
}

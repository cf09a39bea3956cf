//! Opening the database of a command.

use std::path::Path;

use super::owner;
use crate::sqlite::OpenError;
use crate::{Database, DatabaseError};

/// Opens the database read-only. No file is changed or created.
pub(super) fn read(path: &Path) -> Result<Database, DatabaseError> {
    Ok(Database::open_read_only(path)?)
}

/// Opens the database to write to its store. Creates neither the file nor sync tables.
pub(super) fn write_store(path: &Path) -> Result<Database, OpenError> {
    let database = Database::open_existing(path)?;
    owner::warn(path);
    Ok(database)
}

//! Opening the database of a command.

use std::path::Path;

use super::owner;
use crate::{Database, DatabaseError};

/// Opens it to look at it: nothing in it changes, nor beside it.
pub(super) fn read(path: &Path) -> Result<Database, DatabaseError> {
    Database::open_read_only(path)
}

/// Opens it to write to the store. No file is made, and no sync tables where there are none.
pub(super) fn write_store(path: &Path) -> Result<Database, DatabaseError> {
    let database = Database::open_existing(path)?;
    owner::warn(path);
    Ok(database)
}

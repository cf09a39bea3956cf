//! The place of a database file: its path, its inode and its creation time. A copy has another place than the original.
//!
//! The place of the current database id is written down in the table `syncline_place`. A file that is opened at another
//! place was copied, moved or put back from a copy. Nothing shows if the original still exists, so the file gets another
//! database id, and with it another instance: two instances of one id would use the same counters.
//!
//! * The device is no part of a place: its number changes when a volume is mounted again. It only shows that a file which
//!   came back to a former path is not a clone of the volume, which has the same inodes and creation times.
//! * The inode and the creation time stay in a `VACUUM`, in a checkpoint, and if content is copied into the existing
//!   file. So a backup that is copied over the file looks like the file
//!   ([`Database::restored`](crate::Database::restored)).
//! * A database in memory has no place. Its content may be a copy, so each database that is made of it gets another id.
//! * A file that moves back to a former path, on the same device, with its inode and creation time, is the same file, and
//!   its former id is taken again. The counters of that id are in the file, and no copy has used the id. So a file with
//!   two paths, for example inside and outside of a container, does not get more and more ids.
//! * In doubt it is another file: an id more costs a row, and a counter that is used twice loses changes.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use rusqlite::{Connection, OptionalExtension as _};

/// The table of the places, one row for each database id that this file had.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS syncline_place (
    database_id char(32) NOT NULL PRIMARY KEY,
    path text NOT NULL,
    inode integer NULL,
    created integer NULL,
    device integer NULL
)";

/// The place of a database file.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The absolute path without symbolic links.
    path: String,
    /// The number of the file in its file system. `None` on systems other than Unix.
    inode: Option<i64>,
    /// The creation time in nanoseconds since 1970. `None` if the file system has none.
    created: Option<i64>,
    /// The number of the device with the file system. `None` on systems other than Unix.
    device: Option<i64>,
}

impl Place {
    /// The place of the file that `connection` has open. `None` for a database in memory or in a temporary file.
    pub(crate) fn of(connection: &Connection) -> Option<Self> {
        let path = Path::new(connection.path().filter(|path| !path.is_empty())?);
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let metadata = fs::metadata(&path).ok();
        let created = metadata.as_ref().and_then(|metadata| metadata.created().ok());
        let created = created.and_then(|created| created.duration_since(UNIX_EPOCH).ok());
        let (inode, device) = metadata.as_ref().map_or((None, None), inode_and_device);
        Some(Self {
            path: path.to_string_lossy().into_owned(),
            inode,
            created: created.and_then(|since| i64::try_from(since.as_nanos()).ok()),
            device,
        })
    }

    /// Returns `true` if both places have the same path, inode and creation time.
    fn is_at(&self, other: &Self) -> bool {
        (&self.path, self.inode, self.created) == (&other.path, other.inode, other.created)
    }

    /// Returns `true` if both places have the same inode and the same creation time, and both are known.
    fn is_same_file(&self, other: &Self) -> bool {
        self.inode.is_some()
            && self.created.is_some()
            && (self.inode, self.created) == (other.inode, other.created)
    }
}

#[cfg(unix)]
fn inode_and_device(metadata: &fs::Metadata) -> (Option<i64>, Option<i64>) {
    use std::os::unix::fs::MetadataExt as _;

    // Only equality matters, so the sign does not.
    (Some(metadata.ino().cast_signed()), Some(metadata.dev().cast_signed()))
}

#[cfg(not(unix))]
fn inode_and_device(_: &fs::Metadata) -> (Option<i64>, Option<i64>) {
    (None, None)
}

/// The relation of the file to the place that was written down for its database id.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Identified {
    /// It is there, or nothing was written down yet.
    Here,
    /// It is the same file, at a path at which it had this database id.
    Back {
        /// The database id that it had at this path.
        database: String,
    },
    /// It is the same file at a new path.
    Moved,
    /// It is another file.
    Another,
}

/// Creates the table of the places if it does not exist.
pub(crate) fn make_table(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLE)
}

/// Compares `place` with the place that was written down for the database id `database`.
pub(crate) fn identify(
    connection: &Connection,
    database: &str,
    place: Option<&Place>,
) -> rusqlite::Result<Identified> {
    let recorded = connection
        .query_row(
            "SELECT path, inode, created, device FROM syncline_place WHERE database_id = ?1",
            [database],
            |row| {
                Ok(Place { path: row.get(0)?, inode: row.get(1)?, created: row.get(2)?, device: row.get(3)? })
            },
        )
        .optional()?;
    let (Some(recorded), Some(place)) = (&recorded, place) else {
        return Ok(if recorded.is_none() { Identified::Here } else { Identified::Another });
    };
    if recorded.is_at(place) {
        return Ok(Identified::Here);
    }
    if !recorded.is_same_file(place) {
        return Ok(Identified::Another);
    }
    let back = connection
        .query_row(
            "SELECT known.id FROM morango_databaseidmodel AS known JOIN syncline_place ON database_id = known.id \
             WHERE path = ?1 AND inode = ?2 AND created = ?3 AND device = ?4",
            (&place.path, place.inode, place.created, place.device),
            |row| row.get(0),
        )
        .optional()?;
    Ok(back.map_or(Identified::Moved, |database| Identified::Back { database }))
}

/// Writes down `place` for the database id `database`. A database without a place gets one that no file has.
pub(crate) fn record(connection: &Connection, database: &str, place: Option<&Place>) -> rusqlite::Result<()> {
    let (path, inode, created, device) = match place {
        Some(Place { path, inode, created, device }) => (path.as_str(), *inode, *created, *device),
        None => ("", None, None, None),
    };
    connection.execute(
        "INSERT INTO syncline_place (database_id, path, inode, created, device) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (database_id) DO NOTHING",
        (database, path, inode, created, device),
    )?;
    Ok(())
}

/// Removes all places, so that no former database id of this file is taken again.
pub(crate) fn forget_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM syncline_place", [])?;
    Ok(())
}

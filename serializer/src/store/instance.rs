//! This database on this machine: the current instance and its counter (morango.md §1.8, §1.9).

use rusqlite::Connection;

use crate::error::{DatabaseError, Doing};

/// Who saves a record, and when: an instance and its counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The instance's id, as `morango_instanceidmodel` has it.
    pub instance: String,
    /// Its counter.
    pub counter: i64,
}

impl Stamp {
    /// Takes the next counter of the current instance, in the open transaction: if that is rolled back, so is this.
    ///
    /// Which instance is current is not worked out anew: the application that owns the database decides it.
    ///
    /// # Errors
    ///
    /// When not exactly one instance is current.
    pub fn next(connection: &Connection) -> Result<Self, DatabaseError> {
        let ids = connection
            .prepare("SELECT id FROM morango_instanceidmodel WHERE current")
            .and_then(|mut statement| {
                statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()
            })
            .doing("reading the current instance")?;
        let [id] = &ids[..] else {
            return Err(DatabaseError::NoCurrentInstance { current: ids.len() });
        };
        connection
            .query_row(
                "UPDATE morango_instanceidmodel SET counter = counter + 1 WHERE id = ?1 RETURNING counter",
                [id],
                |row| Ok(Self { instance: id.clone(), counter: row.get(0)? }),
            )
            .doing("incrementing the instance's counter")
    }
}

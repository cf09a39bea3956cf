//! This database on this machine: the current instance and its counter (morango.md §1.8, §1.9).

use rusqlite::{Connection, OptionalExtension};

use crate::error::{DatabaseError, Doing};
use crate::record_id::RecordId;
use crate::store::machine;

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
                // A counter that is no number would count as 0, and what was saved before would be newer.
                "UPDATE morango_instanceidmodel SET counter = iif(typeof(counter) = 'integer', counter + 1, counter) \
                 WHERE id = ?1 RETURNING counter",
                [id],
                |row| Ok(Self { instance: id.clone(), counter: row.get(0)? }),
            )
            .doing("incrementing the instance's counter")
    }
}

/// Makes this database on this machine the current instance, in the open transaction (morango.md §1.7, §1.8).
///
/// Worked out anew at every open: a file that was copied to another machine becomes another instance, or two machines
/// would count with one name. Not for a database whose application does this itself.
pub(crate) fn make_current(connection: &Connection, path: &str) -> rusqlite::Result<()> {
    let database = database_id(connection)?;
    let (system, node) = (machine::system_id(), machine::node_id());
    if system.is_empty() && node.is_empty() {
        tracing::warn!(
            "nothing tells this machine from others: set MORANGO_SYSTEM_ID or MORANGO_NODE_ID, or a copy of this database \
             counts with the same name as this one"
        );
    }
    let instance = RecordId::hash(&[&database, &system, &node]);
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
    Ok(())
}

/// The id of the database, made when it has none.
fn database_id(connection: &Connection) -> rusqlite::Result<String> {
    let current = connection
        .query_row("SELECT id FROM morango_databaseidmodel WHERE current", [], |row| row.get(0))
        .optional()?;
    if let Some(id) = current {
        return Ok(id);
    }
    let id = RecordId::random().to_string();
    connection.execute(
        "INSERT INTO morango_databaseidmodel (id, current, date_generated, initial_instance_id) \
         VALUES (?1, 1, strftime('%Y-%m-%d %H:%M:%f', 'now'), '')",
        [&id],
    )?;
    Ok(id)
}

//! The trait `Access`: insert, get, update and delete one record, without SQL.

use rusqlite::{Connection, OptionalExtension as _, Savepoint, Transaction};
use syncline_serializer::identity::{Identity, check_complete, declared_source_id, partition};
use syncline_serializer::invalid_record::InvalidRecord;
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Model, OWN_ID, Partitioned, Syncable, Template, check_rules};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::{InvalidValue, StoredValue};

use crate::app::columns::{bind, find, is_record};
use crate::app::comparison::{self, Ending};
use crate::app::deep_deletion;
use crate::app::hard_deletion;
use crate::app::tracked_profile;
use crate::database::Database;
use crate::error::{Doing, RecordError, SqliteError};
use crate::store::names::Quoted;

/// Operations on single records, on a [`Database`], a connection, a transaction or a savepoint.
///
/// This is not an object-relational mapper: write queries in SQL. Triggers track the changes of any SQL statement
/// ([`Database::create`]). In a database without triggers, such as Kolibri's, the methods of this trait track their own
/// changes. There, delete the records that refer to a record before the record itself: a cascade would not be tracked.
///
/// ```
/// # use syncline_serializer::{Partitioned, RecordId};
/// # use syncline_sqlite::{Access, Database, RecordError};
/// fn copy<M: Partitioned + Clone>(database: &mut Database, id: RecordId) -> Result<Option<RecordId>, Box<dyn std::error::Error>> {
///     let transaction = database.connection_mut().transaction()?;
///     let Some(mut record) = transaction.get::<M>(id)? else { return Ok(None) };
///     record.set_record_id(RecordId::NEW);
///     transaction.insert(&mut record)?;
///     transaction.commit()?;
///     Ok(Some(record.record_id()))
/// }
/// ```
pub trait Access {
    /// The connection.
    fn connection(&self) -> &Connection;

    /// Inserts `record` and sets its `id`. If the id is [`RecordId::NEW`], it is computed as the model declares.
    ///
    /// A record with another id keeps it if the id matches its fields, or if the app chooses the ids. An id computed
    /// from a random source id cannot be checked. If the sync store has a record with that id, `record` gets that
    /// record's identity. Otherwise save the [`identity`](Self::identity) before the deletion and use
    /// [`insert_as`](Self::insert_as).
    ///
    /// # Errors
    ///
    /// If the id cannot be computed or does not match the fields; if a reference names a record without an id; if the
    /// database rejects the row, for example because the id exists.
    fn insert<M: Partitioned>(&self, record: &mut M) -> Result<(), RecordError> {
        let identity = identity_to_insert(self.connection(), record)?;
        if M::MODEL.source_id.as_ref().is_some_and(Template::is_own_id) {
            return self.insert_as(record, identity);
        }
        // The identity is the store's, or its id is a hash of the partition and source id. In both cases the store
        // cannot know the id with another identity.
        insert(self.connection(), record, &identity)
    }

    /// Inserts `record` with the given identity, and sets its `id`.
    ///
    /// Use it for partitions that no template can build, and to restore a deleted record with its former identity.
    ///
    /// # Errors
    ///
    /// If a peer could not store the identity; if the sync store has the id with another identity; or else as for
    /// [`insert`](Self::insert).
    fn insert_as<M: Syncable>(&self, record: &mut M, identity: Identity) -> Result<(), RecordError> {
        check_known_identity::<M>(self.connection(), &identity)?;
        insert(self.connection(), record, &identity)
    }

    /// Returns the record `id`, or `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// If a column holds a value that its field cannot.
    fn get<M: Syncable>(&self, id: RecordId) -> Result<Option<M>, RecordError> {
        find(self.connection(), id.as_str())
    }

    /// Overwrites the record with the id of `record`. Returns `false` if it does not exist. The record becomes dirty
    /// only if a synced column changes. A stored value that its field cannot hold, so that [`get`](Self::get) fails, is
    /// overwritten too.
    ///
    /// # Errors
    ///
    /// If `record` has no id, or a reference names a record without an id; if a field of its partition changed, except
    /// a reference that became `None`, because a record never moves to another partition; if the database rejects the
    /// row.
    fn update<M: Syncable>(&self, record: &M) -> Result<bool, RecordError> {
        let connection = self.connection();
        if record.record_id().is_new() {
            return Err(RecordError::invalid(InvalidRecord::NotInserted, record));
        }
        check_complete(record).map_err(|error| RecordError::invalid(error, record))?;
        let before = match find::<M>(connection, record.record_id().as_str()) {
            Ok(Some(before)) => before,
            Ok(None) => return Ok(false),
            // All columns are written, since no comparison with the stored values is possible.
            Err(RecordError::InvalidColumn(error)) => {
                let Some(identity) = self.identity::<M>(record.record_id())? else {
                    return Err(error.into());
                };
                check_stays_in(connection, &identity, record)?;
                check_rules(record, |_| true).map_err(|failure| {
                    RecordError::invalid(InvalidRecord::Refused(failure.into()), record)
                })?;
                write(connection, record, M::MODEL.all_columns().map(|column| column.name), true)?;
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        check_same_partition(&before, record).map_err(|error| RecordError::invalid(error, record))?;
        // A value that is older than a rule may stay.
        check_rules(record, |index| changed(&before, record, index..index + 1))
            .map_err(|failure| RecordError::invalid(InvalidRecord::Refused(failure.into()), record))?;
        let synced = changed(&before, record, 0..M::MODEL.columns.len());
        let local = changed(&before, record, M::MODEL.columns.len()..M::MODEL.all_columns().count());
        if synced {
            // Sets the dirty bit as well: the table may have no triggers.
            write(connection, record, M::MODEL.all_columns().map(|column| column.name), true)?;
        } else if local {
            write(connection, record, M::MODEL.local_columns.iter().map(|column| column.name), false)?;
        }
        Ok(true)
    }

    /// Deletes the record `id`. Returns `false` if it does not exist.
    ///
    /// Records that refer to it with `on_delete = cascade` are deleted too, in any number of generations. In plain SQL,
    /// SQLite cascades through 1,000 generations at most.
    ///
    /// A record that only the sync store has, because its row was lost while changes were not tracked, is listed as
    /// deleted. A received record that waits for the app does not exist yet.
    ///
    /// # Errors
    ///
    /// If the database rejects the deletion, for example because other records refer to this one.
    fn delete<M: Syncable>(&self, id: RecordId) -> Result<bool, RecordError> {
        const DOING: &str = "deleting a record";

        let connection = self.connection();
        in_savepoint(connection, || {
            let profile = tracked_profile::of_model::<M>(connection)?;
            let sql = format!("DELETE FROM {} WHERE {}", Quoted(M::MODEL.table), is_record(M::MODEL));
            let deleted =
                match connection.prepare_cached(&sql).and_then(|mut delete| delete.execute([id.as_str()])) {
                    Err(error) if deep_deletion::is_too_deep(&error) => {
                        // SQLite may have deleted some rows before it stopped.
                        connection.execute_batch("ROLLBACK TO syncline_record").doing(DOING)?;
                        deep_deletion::delete_bottom_up(connection, M::MODEL, id.as_str())?
                    }
                    deleted => deleted.doing(DOING)?,
                };
            if deleted > 0 {
                // The same as the trigger does: the table may have no triggers.
                connection
                    .prepare_cached(
                        "INSERT INTO morango_deletedmodels (id, profile) VALUES (?1, ?2) \
                         ON CONFLICT (id) DO UPDATE SET profile = excluded.profile",
                    )
                    .and_then(|mut list| list.execute((id.as_str(), profile)))
                    .doing(DOING)?;
                return Ok(true);
            }
            Ok(comparison::end::<M>(connection, id.as_str(), Ending::Delete)?)
        })
    }

    /// Deletes the record `id`, with all records that the deletion cascades to, and erases their content. Returns
    /// `false` if it does not exist.
    ///
    /// The content of a [deleted](Self::delete) record stays in the sync stores of all machines. After a hard deletion,
    /// the next serialisation erases it in this store, and each peer erases it when the deletion arrives (morango.md
    /// §3, §6.7). A record that is created again before that serialisation is alive.
    ///
    /// # Errors
    ///
    /// As for [`delete`](Self::delete). No hard deletion is listed then.
    fn hard_delete<M: Syncable>(&self, id: RecordId) -> Result<bool, RecordError> {
        let connection = self.connection();
        in_savepoint(connection, || {
            let profile = tracked_profile::of_model::<M>(connection)?;
            let models = M::models_of_profile(profile);
            let deleted = hard_deletion::list_cascaded(connection, profile, models, || self.delete::<M>(id))?;
            // No row was deleted, but the store may have the record.
            let ended = comparison::end::<M>(connection, id.as_str(), Ending::HardDelete)?;
            Ok(deleted || ended)
        })
    }

    /// Returns the identity of the record `id`, or `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn identity<M: Syncable>(&self, id: RecordId) -> Result<Option<Identity>, SqliteError> {
        let sql = format!(
            "SELECT {}, {} FROM {} WHERE {}",
            Quoted(SOURCE_ID),
            Quoted(PARTITION),
            Quoted(M::MODEL.table),
            is_record(M::MODEL)
        );
        self.connection()
            .prepare_cached(&sql)
            .and_then(|mut select| {
                let read = |row: &rusqlite::Row<'_>| {
                    Ok(Identity { id, source_id: row.get(0)?, partition: row.get(1)? })
                };
                select.query_row([id.as_str()], read).optional()
            })
            .doing("reading a record's identity")
    }
}

impl Access for Database {
    fn connection(&self) -> &Connection {
        Database::connection(self)
    }
}

impl Access for Connection {
    fn connection(&self) -> &Connection {
        self
    }
}

impl Access for Transaction<'_> {
    fn connection(&self) -> &Connection {
        self
    }
}

impl Access for Savepoint<'_> {
    fn connection(&self) -> &Connection {
        self
    }
}

/// The identity to insert `record` with.
fn identity_to_insert<M: Syncable>(connection: &Connection, record: &M) -> Result<Identity, RecordError> {
    let worked_out = Identity::of(record).map_err(|error| RecordError::invalid(error, record))?;
    let id = record.record_id();
    if id.is_new() || id == worked_out.id {
        return Ok(worked_out);
    }
    let is_random =
        declared_source_id(record).map_err(|error| RecordError::invalid(error, record))?.is_none();
    if !is_random {
        return Err(RecordError::invalid(InvalidRecord::AnotherId { expected: worked_out.id }, record));
    }
    let profile = tracked_profile::of_model::<M>(connection)?;
    connection
        .prepare_cached(
            "SELECT source_id, partition FROM morango_store WHERE id = ?1 AND model_name = ?2 AND profile = ?3",
        )
        .and_then(|mut select| {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Identity { id, source_id: row.get(0)?, partition: row.get(1)? })
            };
            select.query_row((id.as_str(), M::NAME, profile), read).optional()
        })
        .doing("looking for the identity that a record had")?
        // In another partition it would be another record.
        .filter(|had| had.partition == worked_out.partition.replace(worked_out.id.as_str(), id.as_str()))
        .ok_or_else(|| RecordError::invalid(InvalidRecord::UnknownIdentity, record))
}

/// Checks that the store does not have the id with another identity: a record keeps its identity for ever (morango.md
/// §6.3).
///
/// Triggers check this as well, but not every database has them, and they cannot name the record.
fn check_known_identity<M: Syncable>(
    connection: &Connection,
    identity: &Identity,
) -> Result<(), RecordError> {
    let known = connection
        .prepare_cached("SELECT model_name, source_id, partition, profile FROM morango_store WHERE id = ?1")
        .and_then(|mut select| {
            let read = |row: &rusqlite::Row<'_>| <(String, String, String, String)>::try_from(row);
            select.query_row([identity.id.as_str()], read).optional()
        })
        .doing("looking for the identity that a record had")?;
    let Some((model, source_id, partition, profile)) = known else { return Ok(()) };
    let same = (model == M::NAME && profile == tracked_profile::of_model::<M>(connection)?)
        && (source_id == identity.source_id && partition == identity.partition);
    if same {
        return Ok(());
    }
    Err(RecordError::InvalidRecord {
        model: M::NAME,
        record: format!("record `{}`", identity.id),
        source: InvalidRecord::ContradictsStore { model, source_id, partition },
    })
}

/// Inserts `record` with `identity`, and sets its id.
fn insert<M: Syncable>(
    connection: &Connection,
    record: &mut M,
    identity: &Identity,
) -> Result<(), RecordError> {
    check_complete(record)
        .and_then(|()| identity.check::<M>())
        .and_then(|()| {
            check_rules(record, |_| true).map_err(|failure| InvalidRecord::Refused(failure.into()))
        })
        .map_err(|error| RecordError::invalid(error, record))?;
    let before = record.record_id();
    record.set_record_id(identity.id);
    write_new(connection, record, identity).map_err(|error| {
        record.set_record_id(before);
        // This error names the record. A trigger's error does not.
        check_known_identity::<M>(connection, identity).err().unwrap_or(error)
    })
}

fn write_new<M: Syncable>(
    connection: &Connection,
    record: &M,
    identity: &Identity,
) -> Result<(), RecordError> {
    const DOING: &str = "inserting a record";

    let names: Vec<_> = M::MODEL.all_columns().map(|column| column.name).collect();
    let columns: Vec<_> =
        names.iter().copied().chain([DIRTY_BIT]).map(|name| Quoted(name).to_string()).collect();
    let values: Vec<_> = (1..=columns.len()).map(|index| format!("?{index}")).collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        Quoted(M::MODEL.table),
        columns.join(", "),
        values.join(", ")
    );
    let mut statement = connection.prepare_cached(&sql).doing(DOING)?;
    bind(record, 0..names.len(), &mut statement, 1)?;
    for (index, name) in names.iter().enumerate() {
        let text = match *name {
            SOURCE_ID => &identity.source_id,
            PARTITION => &identity.partition,
            _ => continue,
        };
        statement.raw_bind_parameter(index + 1, text).doing(DOING)?;
    }
    statement.raw_bind_parameter(columns.len(), true).and_then(|()| statement.raw_execute()).doing(DOING)?;
    Ok(())
}

/// Updates the columns `names` of `record`, except the id, source id and partition. Columns without a field are
/// skipped.
fn write<M: Syncable>(
    connection: &Connection,
    record: &M,
    names: impl Iterator<Item = &'static str>,
    is_dirty: bool,
) -> Result<(), RecordError> {
    const DOING: &str = "updating a record";

    let position = |name| M::MODEL.all_columns().position(|column| column.name == name);
    let written: Vec<(&str, usize)> = names
        .filter(|name| ![ID, SOURCE_ID, PARTITION].contains(name))
        .filter_map(|name| Some((name, position(name)?)))
        .collect();
    let mut set: Vec<_> =
        written.iter().zip(2..).map(|((name, _), index)| format!("{} = ?{index}", Quoted(name))).collect();
    if is_dirty {
        set.push(format!("{} = 1", Quoted(DIRTY_BIT)));
    }
    let sql =
        format!("UPDATE {} SET {} WHERE {}", Quoted(M::MODEL.table), set.join(", "), is_record(M::MODEL));
    let mut statement = connection.prepare_cached(&sql).doing(DOING)?;
    bind(record, written.iter().map(|(_, position)| *position), &mut statement, 2)?;
    statement
        .raw_bind_parameter(1, record.record_id().as_str())
        .and_then(|()| statement.raw_execute())
        .doing(DOING)?;
    Ok(())
}

/// Returns `true` if the value of a column at one of `positions` differs.
fn changed<M: Syncable>(before: &M, after: &M, mut positions: std::ops::Range<usize>) -> bool {
    positions.any(|position| before.stored(position) != after.stored(position))
}

/// Checks that no column of the record's partition changed. A column may become `NULL`: the record that it referred to
/// was deleted, and this record stays in its partition.
fn check_same_partition<M: Syncable>(before: &M, after: &M) -> Result<(), InvalidRecord> {
    for (column, position) in columns_of_partition::<M>() {
        let (old, new) = (before.stored(position), after.stored(position));
        if old != new && !is_null(new.as_ref()) && partition(before)? != partition(after)? {
            return Err(InvalidRecord::Moves { column });
        }
    }
    Ok(())
}

/// The same check for a row that cannot be read as a record: SQLite compares the columns.
fn check_stays_in<M: Syncable>(
    connection: &Connection,
    row: &Identity,
    record: &M,
) -> Result<(), RecordError> {
    const DOING: &str = "comparing a record with its row";

    for (column, position) in columns_of_partition::<M>() {
        if is_null(record.stored(position).as_ref()) {
            continue;
        }
        let sql = format!(
            "SELECT {} IS ?2 FROM {} WHERE {}",
            Quoted(column),
            Quoted(M::MODEL.table),
            is_record(M::MODEL)
        );
        let mut statement = connection.prepare(&sql).doing(DOING)?;
        statement.raw_bind_parameter(1, row.id.as_str()).doing(DOING)?;
        bind(record, [position], &mut statement, 2)?;
        let is_same = statement
            .raw_query()
            .next()
            .and_then(|row| row.map_or(Ok(true), |row| row.get(0)))
            .doing(DOING)?;
        let made = partition(record).map_err(|error| RecordError::invalid(error, record))?;
        let moves = made.is_some_and(|made| made.replace(OWN_ID, row.id.as_str()) != row.partition);
        if !is_same && moves {
            return Err(RecordError::invalid(InvalidRecord::Moves { column }, record));
        }
    }
    Ok(())
}

/// The columns that partitions of `M` are made of, with their positions in the record.
fn columns_of_partition<M: Syncable>() -> impl Iterator<Item = (&'static str, usize)> {
    let Model { partition: template, partition_without, .. } = M::MODEL;
    let without = partition_without.as_ref();
    let columns = template
        .iter()
        .flat_map(Template::columns)
        .chain(without.map(|(column, _)| *column))
        .chain(without.into_iter().flat_map(|(_, template)| template.columns()));
    let position = |name| M::MODEL.all_columns().position(|known| known.name == name);
    columns.filter_map(move |column| Some((column, position(column)?)))
}

fn is_null(value: Option<&Result<StoredValue<'_>, InvalidValue>>) -> bool {
    matches!(value, Some(Ok(StoredValue::Null)))
}

/// Runs `work` in a savepoint, within the open transaction or as a transaction of its own. An error rolls it back.
fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, RecordError>,
) -> Result<T, RecordError> {
    connection.execute_batch("SAVEPOINT syncline_record").doing("beginning a change")?;
    let done = work().and_then(|done| {
        connection.execute_batch("RELEASE syncline_record").doing("ending a change")?;
        Ok(done)
    });
    if done.is_err() {
        // If the rollback fails, SQLite has already rolled back the whole transaction.
        let _rolled_back = connection.execute_batch("ROLLBACK TO syncline_record; RELEASE syncline_record");
    }
    done
}

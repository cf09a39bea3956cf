//! One record at a time, without SQL.

use rusqlite::{Connection, OptionalExtension as _, Savepoint, Transaction};
use syncline_serializer::identity::{Identity, check_complete, partition};
use syncline_serializer::invalid_record::InvalidRecord;
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Model, Partitioned, Profile as _, Syncable, Template};
use syncline_serializer::record_id::RecordId;

use crate::app::columns::{bind, find, is_record};
use crate::app::hard_deletion;
use crate::database::Database;
use crate::error::{DatabaseError, Doing, invalid_record};
use crate::store::names::Quoted;

/// Inserts, gets, updates and deletes one record: of a [`Database`], of a connection, or within a transaction of one.
///
/// This is no mapper of objects: whatever needs a query is a query, in SQL, and the database's triggers track what it
/// changes ([`Database::create`]). In a database without triggers, such as Kolibri's, these track what they do themselves;
/// there, what is deleted along with a record because it refers to it must be deleted by itself, before.
///
/// ```
/// # use syncline_serializer::{Partitioned, RecordId};
/// # use syncline_sqlite::{Access, Database, DatabaseError};
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

    /// Inserts `record`, and sets its `id`: worked out from what the model declares, where it is [`RecordId::NEW`].
    ///
    /// A record that has an id keeps it, if that follows from its fields or the app chooses the ids. An id that was made of a
    /// random source id cannot be checked: where the sync store has such a record, it gets the identity that it had;
    /// otherwise keep that yourself ([`identity`](Self::identity)) for [`insert_as`](Self::insert_as).
    ///
    /// # Errors
    ///
    /// When its id cannot be worked out, or is not what it would be; when a reference names a record that has no id yet; when
    /// the database refuses it, for example because there is such a record.
    fn insert<M: Partitioned>(&self, record: &mut M) -> Result<(), DatabaseError> {
        let identity = identity_to_insert(self.connection(), record)?;
        if M::MODEL.source_id.as_ref().is_some_and(Template::is_own_id) {
            return self.insert_as(record, identity);
        }
        // It is the store's, or its id is made of the rest and says by itself where the record is.
        insert(self.connection(), record, &identity)
    }

    /// Inserts `record` with an identity of its own, and sets its `id` to that of the identity.
    ///
    /// For partitions that no template makes, and for a record that was deleted and is to be again what it was.
    ///
    /// # Errors
    ///
    /// When the identity is none that every peer could take, or the sync store knows the record of its id by another one; or
    /// else as for [`insert`](Self::insert).
    fn insert_as<M: Syncable>(&self, record: &mut M, identity: Identity) -> Result<(), DatabaseError> {
        is_who_it_was::<M>(self.connection(), &identity)?;
        insert(self.connection(), record, &identity)
    }

    /// The record `id`, if there is one.
    ///
    /// # Errors
    ///
    /// When a column holds what its field cannot.
    fn get<M: Syncable>(&self, id: RecordId) -> Result<Option<M>, DatabaseError> {
        find(self.connection(), id.as_str())
    }

    /// Writes `record` over the one that has its id, and tells whether there is one. Where nothing changes that syncs, it does
    /// not become dirty.
    ///
    /// # Errors
    ///
    /// When it has no id yet, or a reference names a record that has none; when a field is part of its partition and has
    /// changed: there a record stays (a reference that becomes `None` excepted). When the database refuses it.
    fn update<M: Syncable>(&self, record: &M) -> Result<bool, DatabaseError> {
        let connection = self.connection();
        if record.record_id().is_new() {
            return Err(invalid_record(InvalidRecord::NotInserted, record));
        }
        check_complete(record).map_err(|error| invalid_record(error, record))?;
        let Some(before) = find::<M>(connection, record.record_id().as_str())? else {
            return Ok(false);
        };
        stays_in_its_partition(&before, record).map_err(|error| invalid_record(error, record))?;
        let synced = changed(&before, record, 0..M::MODEL.columns.len());
        let local = changed(&before, record, M::MODEL.columns.len()..M::MODEL.all_columns().count());
        if synced {
            // The dirty bit too: perhaps there are no triggers.
            write(connection, record, M::MODEL.all_columns().map(|column| column.name), true)?;
        } else if local {
            write(connection, record, M::MODEL.local_columns.iter().map(|column| column.name), false)?;
        }
        Ok(true)
    }

    /// Deletes the record `id`, and tells whether there was one.
    ///
    /// # Errors
    ///
    /// When the database refuses it, for example because other records refer to it.
    fn delete<M: Syncable>(&self, id: RecordId) -> Result<bool, DatabaseError> {
        const DOING: &str = "deleting a record";

        let connection = self.connection();
        in_savepoint(connection, || {
            let sql = format!("DELETE FROM {} WHERE {}", Quoted(M::MODEL.table), is_record(M::MODEL));
            let deleted = connection
                .prepare_cached(&sql)
                .and_then(|mut delete| delete.execute([id.as_str()]))
                .doing(DOING)?;
            if deleted > 0 {
                // As the triggers do: perhaps there are none.
                connection
                    .prepare_cached(
                        "INSERT INTO morango_deletedmodels (id, profile) VALUES (?1, ?2) \
                         ON CONFLICT (id) DO UPDATE SET profile = excluded.profile",
                    )
                    .and_then(|mut list| list.execute((id.as_str(), M::Profile::NAME)))
                    .doing(DOING)?;
            }
            Ok(deleted > 0)
        })
    }

    /// Deletes the record `id` for good, with all that is deleted along with it, and tells whether there was one.
    ///
    /// What is [deleted](Self::delete) keeps its text in the sync stores of all machines. When this is serialised, the texts
    /// are wiped here, and wherever the deletion arrives: Morango's hard deletion (morango.md §3, §6.7). A record that is made
    /// again before that is alive.
    ///
    /// # Errors
    ///
    /// As for [`delete`](Self::delete). Nothing is listed then.
    fn hard_delete<M: Syncable>(&self, id: RecordId) -> Result<bool, DatabaseError> {
        let connection = self.connection();
        in_savepoint(connection, || {
            hard_deletion::listing_all::<M::Profile, _>(connection, || self.delete::<M>(id))
        })
    }

    /// The identity of the record `id`, if there is one.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn identity<M: Syncable>(&self, id: RecordId) -> Result<Option<Identity>, DatabaseError> {
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

/// The identity that `record` is inserted with.
fn identity_to_insert<M: Syncable>(connection: &Connection, record: &M) -> Result<Identity, DatabaseError> {
    let worked_out = Identity::of(record).map_err(|error| invalid_record(error, record))?;
    let id = record.record_id();
    if id.is_new() || id == worked_out.id {
        return Ok(worked_out);
    }
    if M::MODEL.source_id.is_some() {
        return Err(invalid_record(InvalidRecord::AnotherId { expected: worked_out.id }, record));
    }
    connection
        .prepare_cached(
            "SELECT source_id, partition FROM morango_store WHERE id = ?1 AND model_name = ?2 AND profile = ?3",
        )
        .and_then(|mut select| {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Identity { id, source_id: row.get(0)?, partition: row.get(1)? })
            };
            select.query_row((id.as_str(), M::NAME, M::Profile::NAME), read).optional()
        })
        .doing("looking for the identity that a record had")?
        // It would be another record in another partition.
        .filter(|had| had.partition == worked_out.partition.replace(worked_out.id.as_str(), id.as_str()))
        .ok_or_else(|| invalid_record(InvalidRecord::UnknownIdentity, record))
}

/// Looks whether the store knows the record of this id by another identity: that it keeps (morango.md §6.3). Triggers look
/// too; but they are not everywhere, and cannot name the record.
fn is_who_it_was<M: Syncable>(connection: &Connection, identity: &Identity) -> Result<(), DatabaseError> {
    let known = connection
        .prepare_cached("SELECT model_name, source_id, partition, profile FROM morango_store WHERE id = ?1")
        .and_then(|mut select| {
            let read = |row: &rusqlite::Row<'_>| <(String, String, String, String)>::try_from(row);
            select.query_row([identity.id.as_str()], read).optional()
        })
        .doing("looking for the identity that a record had")?;
    let Some((model, source_id, partition, profile)) = known else { return Ok(()) };
    let same = (model == M::NAME && profile == M::Profile::NAME)
        && (source_id == identity.source_id && partition == identity.partition);
    if same {
        return Ok(());
    }
    Err(DatabaseError::InvalidRecord {
        model: M::NAME,
        record: format!("record `{}`", identity.id),
        source: InvalidRecord::KnownOtherwise { model, source_id, partition },
    })
}

/// Inserts `record` as `identity` says, and sets its id to that of the identity.
fn insert<M: Syncable>(
    connection: &Connection,
    record: &mut M,
    identity: &Identity,
) -> Result<(), DatabaseError> {
    check_complete(record).and_then(|()| identity.check()).map_err(|error| invalid_record(error, record))?;
    let before = record.record_id();
    record.set_record_id(identity.id);
    write_new(connection, record, identity).map_err(|error| {
        record.set_record_id(before);
        // What a trigger refused is said better here.
        is_who_it_was::<M>(connection, identity).err().unwrap_or(error)
    })
}

fn write_new<M: Syncable>(
    connection: &Connection,
    record: &M,
    identity: &Identity,
) -> Result<(), DatabaseError> {
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
    statement
        .raw_bind_parameter(columns.len(), true)
        .and_then(|()| statement.raw_execute())
        .map(drop)
        .doing(DOING)
}

/// Writes the columns `names` of `record`, as far as a field fills them; the id stays.
fn write<M: Syncable>(
    connection: &Connection,
    record: &M,
    names: impl Iterator<Item = &'static str>,
    is_dirty: bool,
) -> Result<(), DatabaseError> {
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
        .map(drop)
        .doing(DOING)
}

/// Whether a column at one of `positions` would hold something else.
fn changed<M: Syncable>(before: &M, after: &M, mut positions: std::ops::Range<usize>) -> bool {
    positions.any(|position| before.stored(position) != after.stored(position))
}

/// Looks whether no column has changed that `before`'s partition is made of. One that becomes `NULL` may: what it referred to
/// was deleted, and the record stays where it is.
fn stays_in_its_partition<M: Syncable>(before: &M, after: &M) -> Result<(), InvalidRecord> {
    let Model { partition: template, partition_without, .. } = M::MODEL;
    let without = partition_without.as_ref();
    let columns = template
        .iter()
        .flat_map(Template::columns)
        .chain(without.map(|(column, _)| *column))
        .chain(without.iter().flat_map(|(_, template)| template.columns()));
    for column in columns {
        let Some(position) = M::MODEL.all_columns().position(|known| known.name == column) else { continue };
        let (old, new) = (before.stored(position), after.stored(position));
        let is_null = matches!(new, Some(Ok(syncline_serializer::value::StoredValue::Null)));
        if old != new && !is_null && partition(before)? != partition(after)? {
            return Err(InvalidRecord::Moves { column });
        }
    }
    Ok(())
}

/// Does `work` whole or not at all, in the transaction that is open or in one of its own.
fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, DatabaseError>,
) -> Result<T, DatabaseError> {
    connection.execute_batch("SAVEPOINT syncline_record").doing("beginning a change")?;
    let done = work().and_then(|done| {
        connection.execute_batch("RELEASE syncline_record").doing("ending a change")?;
        Ok(done)
    });
    if done.is_err() {
        // Where even this fails, SQLite has rolled the whole transaction back already.
        let _rolled_back = connection.execute_batch("ROLLBACK TO syncline_record; RELEASE syncline_record");
    }
    done
}

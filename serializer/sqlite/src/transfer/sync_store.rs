//! `SyncStore`: a database as one side of a sync.

use std::fs;
use std::marker::PhantomData;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use syncline_core::CancelToken;
use syncline_serializer::counters::{Fsic, Role};
use syncline_serializer::dequeue::Dequeued;
use syncline_serializer::deserialize::Deserialized;
use syncline_serializer::filter::Filter;
use syncline_serializer::model::{ModelVisitor, Profile, Syncable, Template};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::Serialized;
use syncline_serializer::transfer_session::InvalidTransfer;
use syncline_transfer::{Buffer, Direction, Instance, SessionStore, SyncSession, Transfer, Unfinished};

use super::process::Running;
use super::{Format, buffers, counters_for, in_transaction, read_session, rows};
use crate::app::last_tracked;
use crate::connection_settings::ConnectionSettings;
use crate::database::Database;
use crate::error::{Doing as _, RunError, SchemaError, TransferError};
use crate::flow::LaterSchema;
use crate::store::instance;
use crate::store::known_schema::check_known;
use crate::store::schema::{Columns, SyncSchema, check_models, is_of_django};

/// A database as one side of a sync of the profile `P`.
///
/// Each operation is one transaction, and waits up to the busy timeout for other programs.
#[derive(Debug)]
pub struct SyncStore<'d, P> {
    database: &'d mut Database,
    busy_timeout: Duration,
    cancel: Option<CancelToken>,
    later_schema: LaterSchema,
    place: Option<buffers::Place>,
    running: Running,
    profile: PhantomData<P>,
}

impl<'d, P: Profile> SyncStore<'d, P> {
    /// A side of a sync on `database`. Other programs are waited for up to 30 seconds.
    pub fn new(database: &'d mut Database) -> Self {
        Self {
            database,
            busy_timeout: Duration::from_secs(30),
            cancel: None,
            later_schema: LaterSchema::Refused,
            place: None,
            running: Running::default(),
            profile: PhantomData,
        }
    }

    pub(super) fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    pub(super) fn cancelled_by(mut self, token: Option<CancelToken>) -> Self {
        self.cancel = token;
        self
    }

    pub(super) fn later_schema(mut self, later_schema: LaterSchema) -> Self {
        self.later_schema = later_schema;
        self
    }

    /// The path of the file, for the sessions of the other side.
    pub(super) fn path(&self) -> String {
        let path = &self.database.path;
        fs::canonicalize(path).unwrap_or_else(|_| path.clone()).to_string_lossy().into_owned()
    }

    /// Computes the current instance, as [`Database::open`] does at opening.
    pub(super) fn become_this_machine(&mut self) -> Result<(), TransferError> {
        let path = self.database.path.clone();
        self.in_transaction(|connection| Ok(instance::make_current_if_ours(connection, &path)?))
    }

    /// Runs `work` with the settings of a run.
    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Database) -> Result<T, TransferError>,
    ) -> Result<T, TransferError> {
        let settings =
            ConnectionSettings::for_writing(self.database, self.busy_timeout, self.cancel.as_ref())?;
        work(settings.database)
    }

    fn in_transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, TransferError>,
    ) -> Result<T, TransferError> {
        self.with(|database| in_transaction(database, work))
    }

    /// Runs `work`, which only reads.
    fn reading<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, TransferError>,
    ) -> Result<T, TransferError> {
        self.with(|database| work(&database.connection))
    }
}

/// `true` if the buffers have the column `_self_ref_order`.
fn has_orders(connection: &Connection) -> Result<bool, SchemaError> {
    Ok(Columns::of(connection, "morango_buffer")?.unwrap_or_default().has("_self_ref_order"))
}

fn current_instance<P: Profile>(
    connection: &Connection,
    later_schema: LaterSchema,
) -> Result<Instance, TransferError> {
    SyncSchema::read(connection)?;
    check_models::<P>(connection)?;
    if later_schema == LaterSchema::Refused {
        check_known::<P>(connection)?;
    }
    last_tracked::require::<P>(connection)?;
    let (id, _) = instance::current(connection)?;
    let json = connection
        .query_row(
            "SELECT json_object('id', id, 'platform', platform, 'hostname', hostname, 'sysversion', sysversion, \
             'node_id', node_id, 'database_id', database_id, 'db_path', db_path, 'system_id', system_id) \
             FROM morango_instanceidmodel WHERE id = ?1",
            [id.as_str()],
            |row| row.get(0),
        )
        .doing("reading the current instance")?;
    Ok(Instance { id, json, is_foreign: is_of_django(connection)? })
}

/// The id that follows from a partition and a source id.
struct ExpectedId<'a> {
    partition: &'a str,
    source_id: &'a str,
}

impl ModelVisitor for ExpectedId<'_> {
    type Output = Option<RecordId>;

    fn visit<M: Syncable>(self) -> Option<RecordId> {
        if M::MODEL.source_id.as_ref().is_some_and(Template::is_own_id) {
            return RecordId::parse(self.source_id).ok();
        }
        let computed = M::computed_id(self.partition, self.source_id);
        Some(computed.unwrap_or_else(|| RecordId::derive(self.partition, self.source_id, M::NAME)))
    }
}

impl<P: Profile> SessionStore for SyncStore<'_, P> {
    type Error = TransferError;

    fn invalid(error: &TransferError) -> Option<&InvalidTransfer> {
        match error {
            TransferError::Invalid(invalid) => Some(invalid),
            _ => None,
        }
    }

    fn profile(&self) -> &str {
        P::NAME
    }

    fn instance(&mut self) -> Result<Instance, TransferError> {
        let later_schema = self.later_schema;
        self.with(|database| {
            // It is rolled back: what the checks note down, the first serialise run notes again.
            let begun = database.connection.transaction_with_behavior(TransactionBehavior::Immediate);
            let transaction = begun.map_err(|source| RunError::first_read(&database.path, source))?;
            current_instance::<P>(&transaction, later_schema)
        })
    }

    fn expected_id(&self, model: &str, partition: &str, source_id: &str) -> Option<RecordId> {
        let index = P::MODELS.iter().position(|known| known.name == model);
        let expected = index.and_then(|index| P::visit(index, ExpectedId { partition, source_id }));
        expected.unwrap_or_else(|| Some(RecordId::derive(partition, source_id, model)))
    }

    fn create_sync_session(&mut self, session: &SyncSession) -> Result<(), TransferError> {
        self.in_transaction(|connection| Ok(rows::create_sync_session(connection, session)?))?;
        if !session.is_server {
            self.running.add(session.id);
        }
        Ok(())
    }

    fn sync_session(&mut self, id: RecordId) -> Result<Option<SyncSession>, TransferError> {
        self.reading(|connection| Ok(rows::sync_session(connection, id)?))
    }

    fn unfinished(&mut self, client: RecordId, server: RecordId) -> Result<Vec<Unfinished>, TransferError> {
        self.reading(|connection| {
            let sessions = rows::left_behind(connection, P::NAME, (client, server))?;
            let with_transfers = sessions.into_iter().map(|session| {
                Ok(Unfinished { transfers: rows::active_transfers(connection, session.id)?, session })
            });
            with_transfers.collect()
        })
    }

    fn take_over(&mut self, id: RecordId) -> Result<(), TransferError> {
        self.in_transaction(|connection| Ok(rows::take_over(connection, id)?))?;
        self.running.add(id);
        Ok(())
    }

    fn close_sync_session(&mut self, id: RecordId) -> Result<(), TransferError> {
        self.in_transaction(|connection| {
            for transfer in rows::close_sync_session(connection, id)? {
                buffers::drop_all(connection, transfer)?;
            }
            Ok(())
        })
    }

    fn create_transfer(&mut self, transfer: &Transfer) -> Result<(), TransferError> {
        self.in_transaction(|connection| Ok(rows::create_transfer(connection, transfer)?))
    }

    fn transfer(&mut self, id: RecordId) -> Result<Option<Transfer>, TransferError> {
        self.reading(|connection| Ok(rows::transfer(connection, id)?))
    }

    fn active_transfer(
        &mut self,
        sync_session: RecordId,
        direction: Direction,
    ) -> Result<Option<Transfer>, TransferError> {
        self.reading(|connection| {
            let active = rows::active_transfers(connection, sync_session)?;
            Ok(active.into_iter().find(|transfer| transfer.direction == direction))
        })
    }

    fn save_transfer(&mut self, transfer: &Transfer) -> Result<(), TransferError> {
        self.in_transaction(|connection| Ok(rows::save_transfer(connection, transfer)?))
    }

    fn drop_buffers(&mut self, id: RecordId) -> Result<(), TransferError> {
        self.in_transaction(|connection| Ok(buffers::drop_all(connection, id)?))
    }

    fn serialize(&mut self, filter: &Filter) -> Result<Serialized, TransferError> {
        let mut serialize = self.database.serialize::<P>().busy_timeout(self.busy_timeout);
        for prefix in filter.distinct_prefixes() {
            serialize = serialize.filter(prefix);
        }
        if let Some(token) = &self.cancel {
            serialize = serialize.cancelled_by(token);
        }
        if self.later_schema == LaterSchema::Accepted {
            serialize = serialize.accept_later_schema();
        }
        Ok(serialize.run()?)
    }

    fn counters(&mut self, filter: &Filter, role: Role) -> Result<Fsic, TransferError> {
        self.reading(|connection| {
            let mut prefixes: Vec<&str> = filter.distinct_prefixes().collect();
            if prefixes.is_empty() {
                prefixes.push("");
            }
            Ok(counters_for(connection, &prefixes, role, Format::ByPartition)?)
        })
    }

    fn queue(&mut self, id: RecordId) -> Result<u64, TransferError> {
        self.place = None;
        self.with(|database| {
            let session = read_session(&database.connection, id, Format::ByPartition)?;
            super::queue(database, P::NAME, &session)
        })
    }

    fn buffers(&mut self, id: RecordId, offset: u64, limit: usize) -> Result<Vec<Buffer>, TransferError> {
        let mut place = self.place.take();
        let read = self.reading(|connection| {
            let has_orders = has_orders(connection)?;
            buffers::read(connection, has_orders, &mut place, (id, offset, limit))
        });
        self.place = place;
        read
    }

    fn insert_buffers(&mut self, id: RecordId, received: &[Buffer]) -> Result<u64, TransferError> {
        self.in_transaction(|connection| {
            let has_orders = has_orders(connection)?;
            Ok(buffers::insert(connection, has_orders, id, received)?)
        })
    }

    fn dequeue(&mut self, id: RecordId) -> Result<Dequeued, TransferError> {
        self.with(|database| {
            let session = read_session(&database.connection, id, Format::ByPartition)?;
            super::dequeue::<P>(database, &session)
        })
    }

    fn deserialize(&mut self, filter: &Filter) -> Result<Deserialized, TransferError> {
        let mut deserialize = self.database.deserialize::<P>().busy_timeout(self.busy_timeout);
        for prefix in filter.distinct_prefixes() {
            deserialize = deserialize.filter(prefix);
        }
        if let Some(token) = &self.cancel {
            deserialize = deserialize.cancelled_by(token);
        }
        if self.later_schema == LaterSchema::Accepted {
            deserialize = deserialize.accept_later_schema();
        }
        Ok(deserialize.run()?)
    }
}

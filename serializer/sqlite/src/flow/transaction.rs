//! A sync transaction: the connection while it is open, and the closing acts that make its work complete.
//!
//! The parts of a flow write records a chunk at a time. Some of the work is better done once for all of them, and some of
//! it may be done only for what was really written. That is left to the commit, which performs the closing acts in this
//! order, chosen so that SQLite puts no page into its log twice:
//!
//! 1. clear the dirty bits of the rows that were gathered (`clear_dirty_bits.rs`);
//! 2. write the counters of a store that was filled in bulk (`store/bulk_load.rs`);
//! 3. work out the orders of records that waited for their parents (`self_ref_order.rs`);
//! 4. remove from the lists of deletions the ids that are done (`deletion_lists.rs`);
//! 5. write the database max counters: how far this instance has come (morango.md §6.8);
//! 6. clear the dirty bits of the other rows that were written;
//! 7. make the index again that a bulk load dropped;
//! 8. drop the temporary tables.
//!
//! Each act works from what the parts wrote down while they wrote, or from the tables themselves. So it is right for any
//! composition of parts: what was not written stays dirty, and what was not marked stays listed.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::ops::Deref;

use rusqlite::{Connection, Savepoint, Transaction, TransactionBehavior};
use syncline_core::Failure;

use crate::database::Database;
use crate::error::{Doing, RunError};
use crate::flow::clear_dirty_bits::DirtyBits;
use crate::flow::deletion_lists::IdRange;
use crate::flow::left_out::{LeaveOut, Refuse};
use crate::flow::ticket::{Tickets, next_number};
use crate::flow::{DeletionList, Loaded, SelfRefOrder};
use crate::store::bulk_load::{BulkLoad, save_all_counters};
use crate::store::counters::save_database_counters;
use crate::store::instance;
use crate::store::schema::{SyncSchema, check_models};
use crate::store::selection::Selection;
use syncline_serializer::filter::Filter;
use syncline_serializer::instance::Stamp;
use syncline_serializer::model::Profile;

/// So many chunks are few: not worth what is made ready for many.
pub(crate) const FEW_CHUNKS: usize = 4;

/// The transaction of one serialise step. It holds the connection until it is [committed](Self::commit); dropped before
/// that, it is rolled back, the instance's counter included.
///
/// Begin it, run pipelines that are made of the parts in this module, and commit it:
///
/// ```
/// # use syncline_serializer::{Filter, Profile};
/// # use syncline_sqlite::Database;
/// # use syncline_sqlite::flow::{DeletionList, SerializeDeletions, SyncTransaction};
/// fn record_deletions<P: Profile>(database: &mut Database) -> Result<u64, Box<dyn std::error::Error>> {
///     let transaction = SyncTransaction::<P>::begin(database, &Filter::everything())?;
///     let outcome = SerializeDeletions::run(&transaction, DeletionList::Deleted)?;
///     transaction.commit()?;
///     Ok(outcome.output)
/// }
/// ```
///
/// No composition of parts loses a record, whatever is filtered out, skipped, left unread or fails: a dirty bit is cleared
/// only for a row that was written, and an id leaves a list of deletions only if the store's row is marked, or the app has
/// the record.
pub struct SyncTransaction<'c, P> {
    /// Its number: no two of a process have the same.
    id: u64,
    opened: Opened<'c>,
    schema: SyncSchema,
    stamp: Stamp,
    filter: Filter,
    selection: Selection,
    /// The ids on the lists of deletions that it is about, if any.
    deletions: Option<IdRange>,
    /// The number of chunks of records that it is about, unless it is about all.
    chunks: Option<NonZeroUsize>,
    left_out: &'c dyn LeaveOut,
    /// `true` until the first row is written to a store that had none.
    store_is_empty: Cell<bool>,
    bulk: RefCell<Option<BulkLoad>>,
    dirty_bits: RefCell<DirtyBits>,
    /// `true` if a record waits for its parent.
    has_waiting: Cell<bool>,
    /// The part that is in the middle of a chunk, or was when it failed.
    at_work: Cell<Option<&'static str>>,
    profile: PhantomData<P>,
}

impl<'c, P: Profile> SyncTransaction<'c, P> {
    /// Begins a sync transaction and takes the next counter of the current instance for it.
    ///
    /// `place` is a [`Database`] or a [`Connection`], on which an immediate transaction is begun; or a [`Transaction`] or a
    /// [`Savepoint`], in which a savepoint is made. Then nothing is durable before the outer transaction is committed.
    ///
    /// # Errors
    ///
    /// When the database is not such as `P` declares, is no sync store, is locked, or cannot be written.
    pub fn begin(place: &'c mut impl SyncScope, filter: &Filter) -> Result<Self, RunError> {
        let begun = Self::begin_in(place.open()?, filter, None, &Refuse)?;
        Ok(Self { deletions: Some(IdRange::ALL), ..begun })
    }

    /// Begins one of the transactions of a job that commits after every so many chunks. It is about no deletions unless
    /// [told](Self::with_deletions).
    pub(crate) fn begin_in(
        opened: Opened<'c>,
        filter: &Filter,
        chunks: Option<NonZeroUsize>,
        left_out: &'c dyn LeaveOut,
    ) -> Result<Self, RunError> {
        let connection = &*opened;
        let schema = SyncSchema::read(connection)?;
        check_models::<P>(connection)?;
        let stamp = instance::next_stamp(connection)?;
        let selection = Selection::prepare(connection, filter).doing("preparing the filter")?;
        let store_is_empty = connection
            .query_row("SELECT NOT EXISTS (SELECT 1 FROM morango_store)", [], |row| row.get(0))
            .doing("reading the store")?;
        if schema.self_ref_order {
            SelfRefOrder::prepare(connection).doing("making room for self-references")?;
        }
        Ok(Self {
            id: next_number(),
            opened,
            schema,
            stamp,
            filter: filter.clone(),
            selection,
            deletions: None,
            chunks,
            left_out,
            store_is_empty: Cell::new(store_is_empty),
            bulk: RefCell::default(),
            dirty_bits: RefCell::default(),
            has_waiting: Cell::new(false),
            at_work: Cell::new(None),
            profile: PhantomData,
        })
    }

    /// Makes it about the deletions in `range`, too.
    pub(crate) fn with_deletions(self, range: IdRange) -> Self {
        Self { deletions: Some(range), ..self }
    }

    /// Performs the closing acts and commits. Inside a transaction of the caller's it releases the savepoint.
    ///
    /// # Errors
    ///
    /// When a part failed in the middle of a chunk, when SQLite has rolled the transaction back, or when the database cannot
    /// be written. The transaction is rolled back then.
    pub fn commit(self) -> Result<Stamp, RunError> {
        self.commit_after(|| Ok(()))
    }

    /// The same, with something to do between the closing acts and the commit itself, which may still refuse it.
    pub(crate) fn commit_after(self, last: impl FnOnce() -> Result<(), RunError>) -> Result<Stamp, RunError> {
        let connection = &*self.opened;
        if let Some(part) = self.at_work.get() {
            return Err(RunError::Unfinished { part });
        }
        if connection.is_autocommit() {
            return Err(RunError::RolledBack);
        }
        let mut dirty_bits = self.dirty_bits.into_inner();
        dirty_bits.clear_rows(connection).doing("clearing the dirty bits")?;
        let bulk = self.bulk.into_inner();
        if bulk.is_some() {
            save_all_counters(connection, &self.stamp).doing("writing the counters")?;
        }
        if self.schema.self_ref_order {
            SelfRefOrder::settle(connection, self.has_waiting.get())
                .doing("working out the orders of self-references")?;
        }
        if let Some(range) = &self.deletions {
            for list in [DeletionList::Deleted, DeletionList::HardDeleted] {
                list.remove_done::<P>(connection, range).doing("emptying a list of deletions")?;
            }
        }
        save_database_counters(connection, &self.stamp, &self.filter)?;
        dirty_bits.sweep::<P>(connection, &self.selection).doing("clearing the dirty bits")?;
        if let Some(bulk) = bulk {
            bulk.make_index_again(connection).doing("making the index of partitions again")?;
        }
        self.selection.forget(connection).doing("forgetting the filter")?;
        last()?;
        self.opened.commit().doing("committing")?;
        Ok(self.stamp)
    }
}

impl<P> SyncTransaction<'_, P> {
    /// The layout of the sync tables.
    #[must_use]
    pub fn schema(&self) -> SyncSchema {
        self.schema
    }

    /// The instance that saves, and its counter.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// The filter that its records are under.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.opened
    }

    /// `true` if it began with its own `BEGIN`: nothing was written in it before, so another connection sees what it saw.
    pub(crate) fn is_outermost(&self) -> bool {
        matches!(self.opened, Opened::Transaction(_))
    }

    /// `true` as long as the store has no row at all.
    pub(crate) fn store_is_empty(&self) -> &Cell<bool> {
        &self.store_is_empty
    }

    /// `true` if it is about a part of the rows: each row that is written is to lose its dirty bit by itself.
    pub(crate) fn is_part(&self) -> bool {
        self.chunks.is_some()
    }

    /// The number of chunks that it is about, unless it is about all.
    pub(crate) fn chunks(&self) -> Option<NonZeroUsize> {
        self.chunks
    }

    /// `true` if it may be about more than a few chunks.
    pub(crate) fn is_long(&self) -> bool {
        self.chunks.is_none_or(|chunks| chunks.get() > FEW_CHUNKS)
    }

    /// The ids on the lists of deletions that it is about.
    pub(crate) fn deletions(&self) -> &IdRange {
        self.deletions.as_ref().unwrap_or(&IdRange::ALL)
    }

    pub(crate) fn left_out(&self) -> &dyn LeaveOut {
        self.left_out
    }

    pub(crate) fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Notes that a source of records of so many models reads in this transaction. With `in_order` it reads each model in
    /// the order of its ids.
    pub(crate) fn enter(&self, tickets: &Tickets, models: usize, in_order: bool) {
        self.dirty_bits.borrow_mut().ledger().enter(tickets, models, in_order);
    }

    /// Refuses a record that was read in another transaction.
    pub(crate) fn must_have_read(&self, record: &Loaded) -> Result<(), Failure> {
        if self.dirty_bits.borrow_mut().ledger().knows(record.ticket()) {
            return Ok(());
        }
        let message = "the record was read in another transaction and may have changed since: read it again in this one";
        Err(Failure::new(message).at(record.id()))
    }

    /// Does `work`, which writes a chunk, for `part`. If it fails, rows may be written without their counters, so the
    /// transaction is not committed.
    pub(crate) fn write<T, E: From<Failure>>(
        &self,
        part: &'static str,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        // Otherwise each statement would be committed by itself.
        if self.connection().is_autocommit() {
            return Err(Failure::new(RunError::RolledBack).into());
        }
        let before = self.at_work.replace(Some(part));
        let done = work()?;
        self.at_work.set(before);
        Ok(done)
    }

    /// Begins to fill the store in bulk, if it has no rows yet. `true` if it is being filled in bulk.
    pub(crate) fn fill_in_bulk(&self, is_bulk: bool) -> rusqlite::Result<bool> {
        let mut bulk = self.bulk.borrow_mut();
        if is_bulk && self.store_is_empty.get() && bulk.is_none() {
            *bulk = Some(BulkLoad::begin(self.connection())?);
        }
        self.store_is_empty.set(false);
        Ok(bulk.is_some())
    }

    /// Touches the edges of growing b-trees while the store is filled in bulk. To be called once in a thousand rows or so.
    pub(crate) fn go_on_in_bulk(&self) -> rusqlite::Result<()> {
        self.bulk.borrow().as_ref().map_or(Ok(()), |bulk| bulk.go_on(self.connection()))
    }

    /// Notes that `records` and their counters are in the store.
    pub(crate) fn written<'r>(&self, records: impl IntoIterator<Item = &'r Loaded>) -> rusqlite::Result<()> {
        self.dirty_bits.borrow_mut().written(records, self.connection())
    }

    /// Notes that a record that was written waits for its parent.
    pub(crate) fn waits(&self) {
        self.has_waiting.set(true);
    }
}

impl<P: Profile> fmt::Debug for SyncTransaction<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncTransaction")
            .field("profile", &P::NAME)
            .field("stamp", &self.stamp)
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}

/// A place in which a [`SyncTransaction`] can begin: a [`Database`], a [`Connection`], a [`Transaction`] or a [`Savepoint`].
#[diagnostic::on_unimplemented(
    message = "a sync transaction cannot begin in `{Self}`",
    label = "neither a database nor a transaction",
    note = "give it a `&mut` of a `Database`, or of rusqlite's `Connection`, `Transaction` or `Savepoint`"
)]
pub trait SyncScope: scope::Open {}

impl<T: scope::Open> SyncScope for T {}

/// A transaction of SQLite's that is open.
#[derive(Debug)]
pub enum Opened<'c> {
    /// It began with a `BEGIN` of its own.
    Transaction(Transaction<'c>),
    /// It is a savepoint in a transaction of the caller's.
    Savepoint(Savepoint<'c>),
}

impl Deref for Opened<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Self::Transaction(transaction) => transaction,
            Self::Savepoint(savepoint) => savepoint,
        }
    }
}

impl Opened<'_> {
    fn commit(self) -> rusqlite::Result<()> {
        match self {
            Self::Transaction(transaction) => transaction.commit(),
            Self::Savepoint(savepoint) => savepoint.commit(),
        }
    }
}

mod scope {
    use super::{Connection, Database, Doing, Opened, RunError, Savepoint, Transaction, TransactionBehavior};

    /// The half of [`SyncScope`](super::SyncScope) that others cannot implement.
    pub trait Open {
        fn open(&mut self) -> Result<Opened<'_>, RunError>;
    }

    impl Open for Database {
        fn open(&mut self) -> Result<Opened<'_>, RunError> {
            let Self { connection, path } = self;
            // A transaction that reads first and writes later would fail where another program writes in between.
            let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
            begun.map(Opened::Transaction).map_err(|source| RunError::first_read(path, source))
        }
    }

    impl Open for Connection {
        fn open(&mut self) -> Result<Opened<'_>, RunError> {
            let begun = self.transaction_with_behavior(TransactionBehavior::Immediate);
            Ok(begun.map(Opened::Transaction).doing("beginning a transaction")?)
        }
    }

    impl Open for Transaction<'_> {
        fn open(&mut self) -> Result<Opened<'_>, RunError> {
            Ok(self.savepoint().map(Opened::Savepoint).doing("beginning a savepoint")?)
        }
    }

    impl Open for Savepoint<'_> {
        fn open(&mut self) -> Result<Opened<'_>, RunError> {
            Ok(self.savepoint().map(Opened::Savepoint).doing("beginning a savepoint")?)
        }
    }
}

//! `SyncTransaction`: an open sync transaction on SQLite, and its operations for the leg.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::ops::Deref;

use rusqlite::{Connection, Savepoint, Transaction, TransactionBehavior};
use syncline_core::Failure;
use syncline_serializer::filter::Filter;
use syncline_serializer::instance::Stamp;
use syncline_serializer::model::Profile;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::backend::{
    IdRange, LeaveOut, Leg, Refuse, Refused, StoredOrder, Sweep, WrittenRows, close,
};
use syncline_serializer::serialize::{
    DeletionList, HeldBack, ListedId, Loaded, SerializeStore, Stale, Stored, TransactionState, Updated,
};

use crate::app::Newer;
use crate::app::last_tracked::{self, Required, SchemaState};
use crate::database::Database;
use crate::error::{Doing, RunError, SchemaError};
use crate::flow::stale_rows::AliveQuery;
use crate::flow::{clear_dirty_bits, deletion_lists, orders, stale_rows, stored_rows, write_rows};
use crate::store::bulk_load::{BulkLoad, save_all_counters};
use crate::store::counters::{RecordCounters, save_database_counters};
use crate::store::instance;
use crate::store::known_schema::check_known;
use crate::store::schema::{SyncSchema, check_models};
use crate::store::selection::Selection;

/// The number of chunks up to which preparations for many rows do not pay.
pub(crate) const FEW_CHUNKS: usize = 4;

/// The transaction of one serialise run. It borrows the connection until it is [committed](Self::commit). If it is
/// dropped before, it is rolled back, including the instance's counter.
///
/// Begin it, run pipelines of the parts in this module, and commit it:
///
/// ```
/// # use syncline_serializer::{Filter, Profile};
/// # use syncline_sqlite::Database;
/// # use syncline_sqlite::flow::{DeletionList, ListedIds, SerializeDeletions, SyncTransaction};
/// fn record_deletions<P: Profile>(database: &mut Database) -> Result<u64, Box<dyn std::error::Error>> {
///     let transaction = SyncTransaction::<P>::begin(database, &Filter::everything())?;
///     let list = DeletionList::Deleted;
///     let outcome = SerializeDeletions::run(ListedIds::new(&transaction, list), &transaction, list)?;
///     transaction.commit()?;
///     Ok(outcome.output)
/// }
/// ```
///
/// A composition of parts loses no record, even if it filters records, skips them, does not read all of them, or fails.
/// A dirty bit is cleared only for a row that was written. An id leaves a list of deletions only if the store row is
/// marked, or the app has the record.
pub struct SyncTransaction<'c, P> {
    opened: Opened<'c>,
    state: TransactionState<'c>,
    schema: SyncSchema,
    filter: Filter,
    selection: Selection,
    /// The columns and models of other versions of the app.
    newer: Newer,
    held_back: Vec<HeldBack>,
    /// The number of chunks of records that it processes. `None` for all.
    chunks: Option<NonZeroUsize>,
    statements: write_rows::Statements,
    /// `true` if the list of hard deletions had ids of the profile when the transaction began.
    has_hard_deletions: bool,
    /// The SQL to look for a record in the app's tables, one query for each model.
    alive_queries: OnceCell<Vec<AliveQuery>>,
    /// A bulk load, and the state of the schema before it.
    bulk: RefCell<Option<(BulkLoad, SchemaState)>>,
    /// The state of the tables when the transaction began.
    required: Required,
    profile: PhantomData<P>,
}

impl<'c, P: Profile> SyncTransaction<'c, P> {
    /// Begins a sync transaction and takes the next counter of the current instance for it.
    ///
    /// `place` is a [`Database`] or a [`Connection`], on which an immediate transaction begins; or a [`Transaction`] or
    /// a [`Savepoint`], in which a savepoint begins. With a savepoint nothing is durable before the outer transaction
    /// is committed. A savepoint has no bulk load.
    ///
    /// Do not write to the app's tables over the same connection before the commit. `Connection::unchecked_transaction`
    /// makes that possible: a row that changes after it was read loses its dirty bit at the commit.
    ///
    /// # Errors
    ///
    /// If the tables of the database do not match `P` or are not tracked as declared, it is not a sync store, it is locked,
    /// or it cannot be written.
    pub fn begin(place: &'c mut impl SyncScope, filter: &Filter) -> Result<Self, RunError> {
        let mut begun = Self::begin_in(place.open()?, filter, None, &Refuse, LaterSchema::Refused)?;
        begun.state.set_deletions(IdRange::ALL);
        Ok(begun)
    }

    /// Begins one of the transactions of a job that commits after a number of chunks. It processes no deletions unless
    /// [`set_deletions`](Self::set_deletions) is called.
    pub(crate) fn begin_in(
        opened: Opened<'c>,
        filter: &Filter,
        chunks: Option<NonZeroUsize>,
        left_out: &'c dyn LeaveOut,
        later_schema: LaterSchema,
    ) -> Result<Self, RunError> {
        let connection = &*opened;
        let schema = SyncSchema::read(connection)?;
        check_models::<P>(connection)?;
        if later_schema == LaterSchema::Refused {
            check_known::<P>(connection)?;
        }
        let required = last_tracked::require::<P>(connection)?;
        let newer = Newer::read::<P>(connection).map_err(SchemaError::from)?;
        // Counted before any is written: a row that the store has is held back.
        let held_back = newer.held_back(connection)?;
        let stamp = instance::next_stamp(connection)?;
        let selection =
            Selection::prepare(connection, filter, newer.writable()).doing("preparing the filter")?;
        let store_is_empty = connection
            .query_row("SELECT NOT EXISTS (SELECT 1 FROM morango_store)", [], |row| row.get(0))
            .doing("reading the store")?;
        let has_hard_deletions = deletion_lists::has_hard_deletions(connection, P::NAME)
            .doing("reading the lists of deletions")?;
        if schema.self_ref_order {
            orders::prepare(connection).doing("making room for self-references")?;
        }
        Ok(Self {
            state: TransactionState::new(stamp, None, store_is_empty, left_out),
            opened,
            schema,
            filter: filter.clone(),
            selection,
            newer,
            held_back,
            chunks,
            statements: write_rows::Statements::new(schema),
            has_hard_deletions,
            alive_queries: OnceCell::new(),
            bulk: RefCell::default(),
            required,
            profile: PhantomData,
        })
    }

    /// Performs the closing acts and commits. In a transaction of the caller it releases the savepoint.
    ///
    /// # Errors
    ///
    /// If a part failed in the middle of a chunk, SQLite has rolled the transaction back, or the database cannot be
    /// written. The transaction is then rolled back.
    pub fn commit(self) -> Result<Stamp, RunError> {
        self.commit_after(|| Ok(()))
    }

    /// Like [`commit`](Self::commit), but calls `last` between the closing acts and the commit. If `last` fails,
    /// nothing is committed.
    pub(crate) fn commit_after(self, last: impl FnOnce() -> Result<(), RunError>) -> Result<Stamp, RunError> {
        close(&self)?;
        self.selection.forget(&self.opened).doing("forgetting the filter")?;
        last()?;
        let stamp = self.state.stamp().clone();
        self.opened.commit().doing("committing")?;
        Ok(stamp)
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
        self.state.stamp()
    }

    /// The filter of its records.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Adds the deletions in `range` to its work.
    pub(crate) fn set_deletions(&mut self, range: IdRange) {
        self.state.set_deletions(range);
    }

    /// The ids on the lists of deletions that it processes.
    pub(crate) fn deletions(&self) -> &IdRange {
        self.state.deletions().unwrap_or(&IdRange::ALL)
    }

    pub(crate) fn left_out(&self) -> &dyn LeaveOut {
        self.state.left_out()
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.opened
    }

    /// Returns `true` if it began with its own `BEGIN`.
    pub(crate) fn is_outermost(&self) -> bool {
        matches!(self.opened, Opened::Transaction(_))
    }

    /// The number of records that only the store had when the tables were last compared with it.
    pub(crate) fn only_in_store(&self) -> u64 {
        self.required.only_in_store
    }

    /// Returns `true` if another connection sees the app's tables as this one does.
    pub(crate) fn is_seen_by_others(&self) -> bool {
        self.is_outermost() && !self.required.changed_rows
    }

    /// The number of chunks that it processes. `None` for all.
    pub(crate) fn chunks(&self) -> Option<NonZeroUsize> {
        self.chunks
    }

    /// Returns `true` if it may process more than a few chunks.
    pub(crate) fn is_long(&self) -> bool {
        self.chunks.is_none_or(|chunks| chunks.get() > FEW_CHUNKS)
    }

    pub(crate) fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The rows that it leaves dirty, whatever its filter, because another version of the app declares more than this program.
    #[must_use]
    pub fn held_back(&self) -> &[HeldBack] {
        &self.held_back
    }
}

impl<P: Profile> SerializeStore for SyncTransaction<'_, P> {
    type Profile = P;
    type Error = RunError;

    fn state(&self) -> &TransactionState<'_> {
        &self.state
    }

    fn is_open(&self) -> bool {
        !self.opened.is_autocommit()
    }

    fn has_orders(&self) -> bool {
        self.schema.self_ref_order
    }

    fn stored(&self, records: &[&Loaded]) -> Result<Vec<Result<Option<Stored>, Failure>>, Failure> {
        let instance = &self.state.stamp().instance;
        stored_rows::read(&self.opened, P::NAME, instance, self.has_hard_deletions, records)
    }

    fn orders(&self, records: &[RecordId]) -> Result<Vec<StoredOrder>, Failure> {
        orders::read(&self.opened, records)
    }

    fn is_bulk(&self) -> bool {
        self.bulk.borrow().is_some()
    }

    fn begin_bulk(&self, _: Leg) -> Result<(), Failure> {
        // In a transaction of the caller, it could be committed without the closing acts if this value is forgotten.
        if self.is_outermost() {
            let before = SchemaState::of(&self.opened)?;
            *self.bulk.borrow_mut() = Some((BulkLoad::begin(&self.opened)?, before));
        }
        Ok(())
    }

    fn write(&self, _: Leg, records: &[Updated]) -> Result<Vec<Refused>, Failure> {
        let refused = self.statements.write(&self.opened, P::NAME, &self.state, records)?;
        if let Some((bulk, _)) = &*self.bulk.borrow() {
            bulk.go_on(&self.opened)?;
            return Ok(refused);
        }
        let is_refused = |index| refused.iter().any(|refused| refused.index == index);
        // Iterators instead of lists, so that a chunk needs no memory for them.
        let written = |new: bool| {
            let records = records.iter().enumerate().filter(move |(_, record)| record.is_new() == new);
            let written = records.filter(|(index, _)| !is_refused(*index));
            written.map(|(_, record)| record.loaded().id_ref())
        };
        let mut counters = RecordCounters::new(&self.opened, self.state.stamp());
        counters.insert(written(true))?;
        counters.update(written(false))?;
        Ok(refused)
    }

    fn wait(&self, _: Leg, records: &[(RecordId, RecordId)]) -> Result<(), Failure> {
        Ok(orders::wait(&self.opened, records)?)
    }

    fn clear_dirty_bits(&self, _: Leg, rows: WrittenRows) -> Result<(), Failure> {
        Ok(clear_dirty_bits::clear_rows(&self.opened, rows)?)
    }

    fn stale(&self, leg: Leg, ids: &[ListedId]) -> Result<Vec<Stale>, Failure> {
        let alive_queries = self.alive_queries.get_or_init(|| stale_rows::alive_queries::<P>(&self.newer));
        stale_rows::find(leg, &self.opened, alive_queries, &self.state, ids)
    }

    fn mark(&self, _: Leg, list: DeletionList, rows: &[Stale]) -> Result<(), Failure> {
        stale_rows::mark(&self.opened, P::NAME, self.state.stamp(), list, rows)
    }

    fn clear_the_rest(&self, _: Leg, rows: WrittenRows) -> Result<(), RunError> {
        Ok(clear_dirty_bits::clear_rows(&self.opened, rows).doing("clearing the dirty bits")?)
    }

    fn save_all_counters(&self, _: Leg) -> Result<(), RunError> {
        Ok(save_all_counters(&self.opened, self.state.stamp()).doing("writing the counters")?)
    }

    fn settle_orders(&self, _: Leg, has_waiting: bool) -> Result<(), RunError> {
        Ok(orders::settle(&self.opened, has_waiting).doing("working out the orders of self-references")?)
    }

    fn remove_done(
        &self,
        _: Leg,
        list: DeletionList,
        range: &IdRange,
        all_done: bool,
    ) -> Result<(), RunError> {
        let removed = deletion_lists::remove_done::<P>(
            &self.opened,
            &self.newer,
            list,
            range,
            all_done,
            self.state.stamp(),
        );
        Ok(removed.doing("emptying a list of deletions")?)
    }

    fn save_database_counters(&self, _: Leg) -> Result<(), RunError> {
        save_database_counters(&self.opened, self.state.stamp(), &self.filter)
    }

    fn sweep(&self, _: Leg, sweeps: &[Sweep]) -> Result<(), RunError> {
        let swept = clear_dirty_bits::sweep::<P>(&self.opened, &self.selection, sweeps);
        Ok(swept.doing("clearing the dirty bits")?)
    }

    fn end_bulk(&self, _: Leg) -> Result<(), RunError> {
        match self.bulk.take() {
            Some((bulk, before)) => {
                bulk.make_index_again(&self.opened).doing("making the index of partitions again")?;
                // The load has changed the schema, and dropped no trigger.
                Ok(last_tracked::renew(&self.opened, &before)?)
            }
            None => Ok(()),
        }
    }
}

impl<P: Profile> fmt::Debug for SyncTransaction<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncTransaction")
            .field("profile", &P::NAME)
            .field("stamp", self.state.stamp())
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}

/// The handling of a database with a later schema than the profile was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LaterSchema {
    Refused,
    /// Values of unknown columns are left out.
    Accepted,
}

/// A place in which a [`SyncTransaction`] can begin: a [`Database`], a [`Connection`], a [`Transaction`] or a
/// [`Savepoint`].
#[diagnostic::on_unimplemented(
    message = "a sync transaction cannot begin in `{Self}`",
    label = "neither a database nor a transaction",
    note = "give it a `&mut` of a `Database`, or of rusqlite's `Connection`, `Transaction` or `Savepoint`"
)]
pub trait SyncScope: scope::Open {}

impl<T: scope::Open> SyncScope for T {}

/// An open transaction of SQLite.
#[derive(Debug)]
pub enum Opened<'c> {
    /// A transaction with its own `BEGIN`.
    Transaction(Transaction<'c>),
    /// A savepoint in a transaction of the caller.
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
    pub(crate) fn commit(self) -> rusqlite::Result<()> {
        match self {
            Self::Transaction(transaction) => transaction.commit(),
            Self::Savepoint(savepoint) => savepoint.commit(),
        }
    }
}

mod scope {
    use super::{Connection, Database, Doing, Opened, RunError, Savepoint, Transaction, TransactionBehavior};

    /// The private half of [`SyncScope`](super::SyncScope), which other crates cannot implement.
    pub trait Open {
        fn open(&mut self) -> Result<Opened<'_>, RunError>;
    }

    impl Open for Database {
        fn open(&mut self) -> Result<Opened<'_>, RunError> {
            let Self { connection, path } = self;
            // A transaction that reads first and writes later would fail if another program wrote in between.
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

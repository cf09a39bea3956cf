//! What the parts of one serialise step share.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;

use rusqlite::Connection;
use syncline_serializer::filter::Filter;
use syncline_serializer::instance::Stamp;
use syncline_serializer::model::Profile;

use crate::error::{Doing, RunError as DatabaseError};
use crate::flow::left_out::{LeaveOut, Refuse, was_not_left_out};
use crate::flow::listed_ids::IdRange;
use crate::flow::{DeletionList, SelfRefOrder};
use crate::store::bulk_load::DroppedIndex;
use crate::store::counters::save_database_counters;
use crate::store::instance;
use crate::store::schema::{SyncSchema, check_models};
use crate::store::selection::{Selection, clear_dirty_bit};

/// So many chunks are few: not worth what is made ready for many.
pub(crate) const FEW_CHUNKS: usize = 4;

/// One serialise step: the transaction that it happens in, who does it and when, and what it is about.
///
/// Begin it, run pipelines that are made of the parts in this module, then end it and commit:
///
/// ```
/// # use rusqlite::TransactionBehavior;
/// # use syncline_serializer::{Filter, Profile};
/// # use syncline_sqlite::{Database, DatabaseError, flow::{DeletionList, Run, SerializeDeletions}};
/// fn record_deletions<P: Profile>(database: &mut Database) -> Result<u64, Box<dyn std::error::Error>> {
///     // A transaction that reads first and writes later would fail where another program writes in between.
///     let transaction = database.connection_mut().transaction_with_behavior(TransactionBehavior::Immediate)?;
///     let run = Run::<P>::begin(&transaction, &Filter::everything())?;
///     let outcome = SerializeDeletions::run(&run, DeletionList::Deleted)?;
///     // Without the records, nothing may be said of how far this instance has come: `end` is not called.
///     DeletionList::Deleted.clear(&run)?;
///     transaction.commit()?;
///     Ok(outcome.output)
/// }
/// ```
pub struct Run<'c, P> {
    connection: &'c Connection,
    schema: SyncSchema,
    stamp: Stamp,
    filter: Filter,
    selection: Selection,
    store_was_empty: bool,
    /// What is left for the end.
    leaves_dirty_bits: Cell<bool>,
    leaves_index: Cell<Option<DroppedIndex>>,
    /// Of each list of deletions, whether it was read and all in it is spelt as the store spells it.
    has_only_ids: [Cell<bool>; 2],
    /// Which of the ids on those lists it is about, where about any.
    deletions: Option<IdRange>,
    /// How many chunks of records it is about, where not about all.
    chunks: Option<NonZeroUsize>,
    left_out: &'c dyn LeaveOut,
    profile: PhantomData<P>,
}

impl<'c, P: Profile> Run<'c, P> {
    /// Begins a step in the transaction that is open on `connection`, which is to be an immediate one, and takes the next counter of the current
    /// instance for it.
    ///
    /// # Errors
    ///
    /// When the database is not such as `P` declares, is no sync store, or cannot be written.
    pub fn begin(connection: &'c Connection, filter: &Filter) -> Result<Self, DatabaseError> {
        Ok(Self { deletions: Some(IdRange::ALL), ..Self::part(connection, filter, None, &Refuse)? })
    }

    /// Begins one of the transactions of a step that commits after every so many chunks. It is a step of its own, and
    /// about no deletions unless [told](Self::with_deletions).
    pub(crate) fn part(
        connection: &'c Connection,
        filter: &Filter,
        chunks: Option<NonZeroUsize>,
        left_out: &'c dyn LeaveOut,
    ) -> Result<Self, DatabaseError> {
        let schema = SyncSchema::read(connection)?;
        check_models::<P>(connection)?;
        let stamp = instance::next_stamp(connection)?;
        let selection = Selection::prepare(connection, filter).doing("preparing the filter")?;
        let store_was_empty = connection
            .query_row("SELECT NOT EXISTS (SELECT 1 FROM morango_store)", [], |row| row.get(0))
            .doing("reading the store")?;
        if schema.self_ref_order {
            SelfRefOrder::prepare(connection).doing("making room for self-references")?;
        }
        left_out.begin(connection, schema.self_ref_order).doing("making room for what is left out")?;
        let filter = filter.clone();
        Ok(Self {
            connection,
            schema,
            stamp,
            filter,
            selection,
            store_was_empty,
            leaves_dirty_bits: Cell::new(false),
            leaves_index: Cell::new(None),
            has_only_ids: Default::default(),
            deletions: None,
            chunks,
            left_out,
            profile: PhantomData,
        })
    }

    /// Ends the step, once records and deletions are in the store: writes down how far this instance has come, and clears
    /// the dirty bits that are left (§6.5), a model at a time and in the table's own order, so that each of its pages is
    /// written once.
    ///
    /// The transaction is left open.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn end(self) -> Result<Stamp, DatabaseError> {
        if self.deletions.is_some() {
            DeletionList::Deleted.clear(&self)?;
            DeletionList::HardDeleted.clear(&self)?;
        }
        save_database_counters(self.connection, &self.stamp, &self.filter)?;
        if self.leaves_dirty_bits.get() {
            self.sweep_dirty_bits().doing("clearing the dirty bits")?;
        }
        if let Some(index) = self.leaves_index.take() {
            index.make_again(self.connection).doing("making the index of partitions again")?;
        }
        self.selection.forget(self.connection).doing("forgetting the filter")?;
        self.left_out.end(self.connection).doing("forgetting what was left out")?;
        Ok(self.stamp)
    }

    /// Makes it about the deletions in `range`, too.
    pub(crate) fn with_deletions(self, range: IdRange) -> Self {
        Self { deletions: Some(range), ..self }
    }

    fn sweep_dirty_bits(&self) -> rusqlite::Result<()> {
        // A page that a query stands on stays in the cache: here the schema's last one, which may get an index back.
        let mut schema = self.connection.prepare("SELECT 1 FROM sqlite_schema ORDER BY rowid DESC")?;
        let mut last_row = schema.query([])?;
        last_row.next()?;
        for model in P::MODELS {
            let condition = self.selection.condition(model);
            let exception =
                if self.left_out.count() == 0 { String::new() } else { was_not_left_out(model.table) };
            let sql = format!("{} WHERE {condition}{exception}", clear_dirty_bit(model.table));
            self.connection.execute(&sql, self.selection.parameters())?;
        }
        Ok(())
    }
}

impl<'c, P> Run<'c, P> {
    /// The connection that the transaction is open on.
    #[must_use]
    pub fn connection(&self) -> &'c Connection {
        self.connection
    }

    /// What the sync tables are like.
    #[must_use]
    pub fn schema(&self) -> SyncSchema {
        self.schema
    }

    /// Who saves, and when.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// Whether the store had no row at all when the step began.
    #[must_use]
    pub fn store_was_empty(&self) -> bool {
        self.store_was_empty
    }

    /// Notes that an index is to be made again.
    pub(crate) fn leave_index(&self, index: Option<DroppedIndex>) {
        self.leaves_index.set(index);
    }

    /// Notes that rows were read whose dirty bits are still set.
    pub(crate) fn leave_dirty_bits(&self) {
        self.leaves_dirty_bits.set(true);
    }

    /// Whether each row that is written is to lose its dirty bit by itself: others may stay dirty.
    pub(crate) fn clears_each(&self) -> bool {
        self.chunks.is_some()
    }

    /// Whether it may be about more than a few chunks.
    pub(crate) fn is_long(&self) -> bool {
        self.chunks.is_none_or(|chunks| chunks.get() > FEW_CHUNKS)
    }

    /// Which ids on the lists of deletions it is about.
    pub(crate) fn deletions(&self) -> &IdRange {
        self.deletions.as_ref().unwrap_or(&IdRange::ALL)
    }

    pub(crate) fn left_out(&self) -> &'c dyn LeaveOut {
        self.left_out
    }

    /// Whether it is known that `list` holds only ids that are spelt as the store spells them.
    pub(crate) fn has_only_ids(&self, list: DeletionList) -> &Cell<bool> {
        &self.has_only_ids[list as usize]
    }

    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn selection(&self) -> &Selection {
        &self.selection
    }
}

impl<P: Profile> fmt::Debug for Run<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("profile", &P::NAME)
            .field("stamp", &self.stamp)
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}

//! `Leg`: the open transaction of a deserialise run.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashSet;

use rusqlite::Connection;
use syncline_core::Failure;
use syncline_serializer::deserialize::{
    AppState, Change, DeserializeStore, Failed, ModelDeserialized, ParentState, Saved, Target, Waiting,
    Wanted,
};
use syncline_serializer::filter::{Filter, PartitionRanges};
use syncline_serializer::model::{AppTables, Effects, Model, Profile, StoreState};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::StoredValue;

use super::app_rows::AppRows;
use super::arrivals::{Arrived, NotedArrivals};
use super::cascade::Links;
use super::{deletion, failures, look_ups};
use crate::error::RunError;

/// The open transaction of a deserialise run. It implements the operations of the leg.
pub(super) struct Leg<'c, P> {
    pub(super) connection: &'c Connection,
    filter: Filter,
    ranges: PartitionRanges,
    pub(super) skip_erroring: bool,
    now: i64,
    /// `true` in a database with `django_migrations`.
    pub(super) is_of_django: bool,
    /// `true` if the app had deleted records that were not serialised when the run began.
    pub(super) has_listed: bool,
    /// The number of the pass over the records.
    pub(super) pass: Cell<u32>,
    /// The number of records that were saved in this pass.
    pub(super) saved: Cell<u64>,
    /// The changes of each model.
    pub(super) counts: RefCell<Vec<ModelDeserialized>>,
    pub(super) other_source_ids: Cell<u64>,
    /// The foreign keys by which deletions cascade, once one is done.
    pub(super) links: OnceCell<Links>,
    pub(super) rows: RefCell<AppRows<'c>>,
    /// Targets that the app is known to have: the table, and the id. Of one chunk.
    pub(super) in_app: RefCell<HashSet<(&'static str, String)>>,
    pub(super) look_up_error: RefCell<Option<Failure>>,
    pub(super) arrivals: NotedArrivals<'c>,
    profile: std::marker::PhantomData<fn() -> P>,
}

impl<'c, P: Profile> Leg<'c, P> {
    pub(super) fn begin(
        connection: &'c Connection,
        filter: &Filter,
        skip_erroring: bool,
        now: i64,
    ) -> Result<Self, RunError> {
        let is_of_django = crate::store::schema::is_of_django(connection)?;
        Ok(Self {
            connection,
            filter: filter.clone(),
            ranges: PartitionRanges::of(filter),
            skip_erroring,
            now,
            is_of_django,
            has_listed: failures::has_listed(connection, P::NAME)?,
            pass: Cell::new(0),
            saved: Cell::new(0),
            counts: RefCell::new(P::MODELS.iter().map(|model| ModelDeserialized::new(model.name)).collect()),
            other_source_ids: Cell::new(0),
            links: OnceCell::new(),
            rows: RefCell::new(AppRows::new(connection)),
            in_app: RefCell::default(),
            look_up_error: RefCell::default(),
            arrivals: NotedArrivals::begin(connection, P::NAME)?,
            profile: std::marker::PhantomData,
        })
    }

    pub(super) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Returns `true` if the filter selects `partition`.
    pub(super) fn selects(&self, partition: Option<&[u8]>) -> bool {
        self.ranges.contain(partition)
    }

    /// The condition for the rows that a pass reads, behind others.
    pub(super) fn candidate_condition(&self, pass: u32) -> String {
        let not_erroring = " AND (deserialization_error IS NULL OR deserialization_error = '')";
        match pass {
            0 if self.skip_erroring => not_erroring.to_owned(),
            0 => String::new(),
            _ => format!(
                " AND EXISTS (SELECT 1 FROM temp.syncline_failed AS failed WHERE failed.id = morango_store.id \
                 AND failed.again AND failed.pass = {})",
                pass - 1
            ),
        }
    }

    /// Changes the counts of a model.
    pub(super) fn count(&self, model_index: usize, change: impl FnOnce(&mut ModelDeserialized)) {
        if let Some(counts) = self.counts.borrow_mut().get_mut(model_index) {
            change(counts);
        }
    }

    /// Notes that a record is done: its row of the store is clean, and it did not fail.
    pub(super) fn done(&self, waiting: &Waiting, arrived: Arrived) -> Result<(), Failure> {
        failures::done(self.connection, waiting, self.pass.get())?;
        self.saved.set(self.saved.get() + 1);
        self.arrivals.note(P::MODELS[waiting.model_index].name, waiting.id.as_str(), arrived)?;
        Ok(())
    }
}

impl<P: Profile> DeserializeStore for Leg<'_, P> {
    type Profile = P;

    fn targets(&self, wanted: &[Wanted<'_>]) -> Result<Vec<Target>, Failure> {
        look_ups::targets(self, wanted)
    }

    fn parents(&self, model: &'static Model, ids: &[&str]) -> Result<Vec<ParentState>, Failure> {
        look_ups::parents(self, model, ids)
    }

    fn app_states(&self, model: &'static Model, ids: &[&RecordId]) -> Result<Vec<AppState>, Failure> {
        look_ups::app_states(self, model, ids)
    }

    fn missing_in_app(
        &self,
        model: &'static Model,
        references: &[(usize, String)],
    ) -> Result<Option<usize>, Failure> {
        look_ups::missing_in_app(self, model, references)
    }

    fn look_up_error(&self) -> Result<(), Failure> {
        match self.look_up_error.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn save(&self, changes: &[Change<'_>]) -> Result<Vec<Saved>, Failure> {
        changes.iter().map(|change| super::app_rows::save(self, change)).collect()
    }

    fn delete(&self, records: &[&Waiting], effects: &[Effects]) -> Result<Vec<Saved>, Failure> {
        deletion::delete(self, records, effects)
    }

    fn pass_on(&self, records: &[(&Waiting, bool)]) -> Result<Vec<Saved>, Failure> {
        deletion::pass_on(self, records)
    }

    fn fail(&self, records: &[(&Waiting, &Failed)]) -> Result<(), Failure> {
        records.iter().try_for_each(|(waiting, failed)| failures::fail(self, waiting, failed))
    }

    fn leave_unsaved(&self, records: &[&Waiting]) {
        for record in records {
            self.count(record.model_index, |counts| counts.unsaved += 1);
        }
    }

    fn has_other_source_id(&self, _: &Waiting) {
        self.other_source_ids.set(self.other_source_ids.get() + 1);
    }
}

impl<P: Profile> AppTables for Leg<'_, P> {
    fn query(
        &self,
        table: &str,
        conditions: &[(&str, StoredValue<'_>)],
        column: &str,
    ) -> Vec<StoredValue<'static>> {
        match look_ups::query(self.connection, table, conditions, column) {
            Ok(values) => values,
            Err(error) => {
                self.look_up_error.borrow_mut().get_or_insert(error);
                Vec::new()
            }
        }
    }

    fn store_state(&self, id: &str) -> StoreState {
        match look_ups::store_state(self.connection, id) {
            Ok(state) => state,
            Err(error) => {
                self.look_up_error.borrow_mut().get_or_insert(error);
                StoreState::Missing
            }
        }
    }

    fn filter(&self) -> &Filter {
        &self.filter
    }

    fn now(&self) -> i64 {
        self.now
    }
}

impl<P> std::fmt::Debug for Leg<'_, P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leg").field("filter", &self.filter).field("pass", &self.pass).finish_non_exhaustive()
    }
}

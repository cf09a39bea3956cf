//! `Leg`: the open transaction of a deserialise run.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashSet;

use rusqlite::Connection;
use syncline_core::Failure;
use syncline_serializer::deserialize::ModelDeserialized;
use syncline_serializer::filter::{Filter, PartitionRanges};
use syncline_serializer::model::Profile;

use super::app_rows::AppRows;
use super::arrivals::NotedArrivals;
use super::cascade::Links;
use super::options::DeserializeOptions;
use crate::error::{Doing, RunError};
use crate::store::schema::is_of_django;

/// The open transaction of a deserialise run, and what its parts share. `store.rs` has its operations.
pub(super) struct Leg<'c, P> {
    pub(super) connection: &'c Connection,
    pub(super) options: DeserializeOptions,
    ranges: PartitionRanges,
    pub(super) now: i64,
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
        options: &DeserializeOptions,
        now: i64,
    ) -> Result<Self, RunError> {
        let is_of_django = is_of_django(connection)?;
        let has_listed = connection
            .prepare_cached("SELECT 1 FROM main.morango_deletedmodels WHERE profile = ?1")
            .and_then(|mut select| select.exists([P::NAME]))
            .doing("reading the list of deletions")?;
        Ok(Self {
            connection,
            options: options.clone(),
            ranges: PartitionRanges::of(&options.filter),
            now,
            is_of_django,
            has_listed,
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
        &self.options.filter
    }

    /// Returns `true` if the filter selects `partition`.
    pub(super) fn selects(&self, partition: Option<&[u8]>) -> bool {
        self.ranges.contain(partition)
    }

    /// The condition for the rows that a pass reads, behind others.
    pub(super) fn candidate_condition(&self, pass: u32) -> String {
        let not_erroring = " AND (deserialization_error IS NULL OR deserialization_error = '')";
        match pass {
            0 if self.options.skip_erroring => not_erroring.to_owned(),
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
}

impl<P> std::fmt::Debug for Leg<'_, P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leg")
            .field("options", &self.options)
            .field("pass", &self.pass)
            .finish_non_exhaustive()
    }
}

//! The operations of the leg on its open transaction.

use syncline_core::Failure;
use syncline_serializer::deserialize::{
    AppState, Change, DeserializeStore, Failed, ParentState, Saved, Target, Waiting, Wanted,
};
use syncline_serializer::filter::Filter;
use syncline_serializer::model::{AppTables, Effects, Model, Profile, StoreState};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::StoredValue;

use super::leg::Leg;
use super::save::save;
use super::{failures, look_ups, received_deletions};

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
        changes.iter().map(|change| save(self, change)).collect()
    }

    fn delete(&self, records: &[&Waiting], effects: &[Effects]) -> Result<Vec<Saved>, Failure> {
        received_deletions::delete(self, records, effects)
    }

    fn pass_on(&self, records: &[(&Waiting, bool)]) -> Result<Vec<Saved>, Failure> {
        received_deletions::pass_on(self, records)
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
        Leg::filter(self)
    }

    fn now(&self) -> i64 {
        self.now
    }
}

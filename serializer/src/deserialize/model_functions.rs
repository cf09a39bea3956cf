//! The functions of the models of a profile, by the positions of the models.

use crate::model::{AppTables, Effects, ModelVisitor, Profile, ReceiveContext, ReceivedRow, Syncable};
use crate::received::{Failure, FieldFault, JsonObject, JsonValue};
use crate::record_id::RecordId;
use crate::value::StoredValue;

/// The functions of one model that this leg calls.
#[derive(Clone, Copy)]
pub(super) struct ModelFunctions {
    pub(super) received: fn(&mut JsonObject<'_>, &ReceiveContext<'_>) -> Result<(), Failure>,
    pub(super) receive: fn(usize, Option<&JsonValue<'_>>) -> Result<StoredValue<'static>, FieldFault>,
    pub(super) check_received: fn(&ReceivedRow) -> Result<(), Failure>,
    pub(super) saving: fn(&mut ReceivedRow, &dyn AppTables, &mut Effects) -> Result<(), Failure>,
    pub(super) deleting: fn(&RecordId, &dyn AppTables, &mut Effects) -> Result<(), Failure>,
    pub(super) has_rule_at_save: bool,
}

/// The functions of the models of `P`, in their order.
pub(super) fn of_profile<P: Profile>() -> Vec<ModelFunctions> {
    (0..P::MODELS.len()).filter_map(|index| P::visit(index, Functions)).collect()
}

struct Functions;

impl ModelVisitor for Functions {
    type Output = ModelFunctions;

    fn visit<M: Syncable>(self) -> ModelFunctions {
        ModelFunctions {
            received: M::received,
            receive: M::receive,
            check_received: |row| M::check_received(row),
            saving: M::saving,
            deleting: M::deleting,
            has_rule_at_save: M::HAS_RULE_AT_SAVE,
        }
    }
}

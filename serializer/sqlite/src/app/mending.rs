//! The calls that end a difference between the app's tables and the store.

use rusqlite::{Connection, TransactionBehavior};
use syncline_serializer::model::{Profile, Syncable};

use crate::app::comparison::{self, Comparison, Differing, compare};
use crate::app::store_faults;
use crate::error::{DatabaseError, Doing};
use crate::store::schema::{SyncSchema, check_models};

/// Makes the clean rows of `P` dirty that differ from the store.
pub(crate) fn mark_differing<P: Profile>(connection: &mut Connection) -> Result<Comparison, DatabaseError> {
    const DOING: &str = "marking rows that differ from the store";

    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).doing(DOING)?;
    SyncSchema::read(&transaction)?;
    check_models::<P>(&transaction)?;
    let comparison = compare::<P>(&transaction, Differing::Mark, |_| true)?;
    transaction.commit().doing(DOING)?;
    Ok(comparison)
}

/// Lists the records of `M` that only the store has as deleted. Returns their number.
pub(crate) fn delete_only_in_store<M: Syncable>(connection: &mut Connection) -> Result<u64, DatabaseError> {
    const DOING: &str = "listing the records that only the store has as deleted";

    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).doing(DOING)?;
    SyncSchema::read(&transaction)?;
    check_models::<M::Profile>(&transaction)?;
    let listed = comparison::list_as_deleted::<M>(&transaction)?;
    transaction.commit().doing(DOING)?;
    Ok(listed)
}

/// Makes the store rows of `M` dirty that only the store has. Returns their number.
pub(crate) fn restore_only_in_store<M: Syncable>(connection: &mut Connection) -> Result<u64, DatabaseError> {
    const DOING: &str = "giving the records that only the store has to the app";

    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).doing(DOING)?;
    SyncSchema::read(&transaction)?;
    check_models::<M::Profile>(&transaction)?;
    let marked = comparison::mark_for_app::<M>(&transaction)?;
    transaction.commit().doing(DOING)?;
    Ok(marked)
}

/// Writes the counters of `P`'s store that are missing. Returns the number of records that got one, and `true` if the counter of
/// the instance was raised.
pub(crate) fn mend_counters<P: Profile>(connection: &mut Connection) -> Result<(u64, bool), DatabaseError> {
    const DOING: &str = "writing counters that are missing";

    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).doing(DOING)?;
    SyncSchema::read(&transaction)?;
    let mended = store_faults::mend_counters(&transaction, P::NAME)?;
    transaction.commit().doing(DOING)?;
    Ok(mended)
}

//! The calls that end a difference between the app's tables and the store.

use rusqlite::{Connection, TransactionBehavior};
use syncline_serializer::model::{Profile, Syncable};

use crate::app::comparison::{self, Comparison, Differing, compare};
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

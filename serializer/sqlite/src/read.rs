//! Extension traits: the records of a model and the store rows of a profile as sources of pipelines.

use syncline_serializer::model::{Profile, Syncable};

use crate::app::Access;
use crate::records::Records;
use crate::stored_records::StoredRecords;

/// Reads the records of a model from a database. Implemented for every model.
///
/// The prelude of `syncline` has it, so `Note::stream(&database)` needs no other import.
pub trait ReadRecords: Syncable {
    /// The records in `db`, as the source of a pipeline.
    fn stream(db: &impl Access) -> Records<'_, Self> {
        Records::new(db.connection(), false)
    }

    /// The records in `db` that have changed since they were last serialised.
    fn dirty(db: &impl Access) -> Records<'_, Self> {
        Records::new(db.connection(), true)
    }
}

impl<M: Syncable> ReadRecords for M {}

/// Reads the store rows of a profile from a database. Implemented for every profile.
pub trait ReadStore: Profile {
    /// The rows of the store in `db` that belong to this profile, as the source of a pipeline.
    fn store(db: &impl Access) -> StoredRecords<'_> {
        StoredRecords::new(db.connection(), Self::NAME)
    }
}

impl<P: Profile> ReadStore for P {}

//! Extension traits that add pipeline sources to models and profiles: the records of the app and the rows of the store.

mod records;
mod stored_records;

pub use records::Records;
pub use stored_records::{StoredRecord, StoredRecords};

use syncline_serializer::model::{Profile, Syncable};

use crate::app::Access;

/// Sources of a model's records. Implemented for every model.
///
/// The prelude of `syncline` has it, so `Note::stream(&database)` needs no other import.
pub trait ReadRecords: Syncable {
    /// The records in `db`, as the source of a pipeline.
    fn stream(db: &impl Access) -> Records<'_, Self> {
        Records::new(db.connection(), false)
    }

    /// The records in `db` that changed since they were last serialised.
    fn dirty(db: &impl Access) -> Records<'_, Self> {
        Records::new(db.connection(), true)
    }
}

impl<M: Syncable> ReadRecords for M {}

/// A source of a profile's store rows. Implemented for every profile.
pub trait ReadStore: Profile {
    /// The store rows in `db` that belong to this profile, as the source of a pipeline.
    fn store(db: &impl Access) -> StoredRecords<'_> {
        StoredRecords::new(db.connection(), Self::NAME)
    }
}

impl<P: Profile> ReadStore for P {}

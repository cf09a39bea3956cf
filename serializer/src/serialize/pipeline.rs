//! The pipelines of the leg, written as a user would write them.

use std::num::NonZeroUsize;

use syncline_core::{Source, size};
use syncline_macros::pipeline;

use super::deletion_list::DeletionList;
use super::deletion_lookup::DeletionLookup;
use super::deletion_writer::DeletionWriter;
use super::self_ref_order::SelfRefOrder;
use super::stale::ListedId;
use super::store::SerializeStore;
use super::store_lookup::StoreLookup;
use super::store_update::StoreUpdate;
use super::store_writer::{StoreWriter, Written};
use super::tasks::{Loaded, Updated};

/// The number of records in a chunk.
pub const CHUNK: NonZeroUsize = size(500);

/// The number of bytes at which a chunk ends early. It limits the memory of a chunk of large records.
pub const CHUNK_BYTES: NonZeroUsize = size(2 * 1024 * 1024);

pipeline! {
    #![syncline(crate = syncline_core)]

    /// Writes the app's changes to the store.
    ///
    /// Calls `progress` with the number of records in each chunk, before the chunk is written.
    pub SerializeRecords<S: SerializeStore, R: Source<Item = Loaded>>(
        rows: R,
        transaction: &S,
        is_bulk: bool,
        progress: &mut dyn FnMut(usize),
    ) -> Written {
        rows
            => buffer(CHUNK, bytes: CHUNK_BYTES, of: Loaded::weight)
            => StoreLookup::new(transaction)
            => SelfRefOrder::new(transaction)
            => unbuffer
            => StoreUpdate::new(transaction)
            => buffer(CHUNK, bytes: CHUNK_BYTES, of: Updated::weight)
            => inspect(|chunk| progress(chunk.len()))
            => StoreWriter::new(transaction).bulk(is_bulk)
    }
}

pipeline! {
    #![syncline(crate = syncline_core)]

    /// Marks the store rows of deleted records. The output is the number of marked rows.
    pub SerializeDeletions<S: SerializeStore, I: Source<Item = ListedId>>(
        ids: I,
        transaction: &S,
        list: DeletionList,
    ) -> u64 {
        ids
            => buffer(CHUNK)
            => DeletionLookup::new(transaction)
            => DeletionWriter::new(transaction, list)
    }
}

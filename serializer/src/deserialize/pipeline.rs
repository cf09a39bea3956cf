//! The pipeline of the leg, written as a user would write it.

use syncline_core::Source;
use syncline_macros::pipeline;

use super::app_writer::AppWriter;
use super::decide::Decide;
use super::parse_text::ParseText;
use super::store::DeserializeStore;
use super::target_lookup::TargetLookup;
use super::tasks::{Parsed, Waiting};
use crate::serialize::CHUNK;

pipeline! {
    #![syncline(crate = syncline_core)]

    /// Writes the store's changes to the app's tables. The output is the number of records.
    ///
    /// Calls `progress` with the number of records in each chunk, before the chunk is written.
    pub DeserializeRecords<S: DeserializeStore, R: Source<Item = Waiting>>(
        rows: R,
        transaction: &S,
        progress: &mut dyn FnMut(usize),
    ) -> u64 {
        rows
            => ParseText::new(transaction)
            => buffer(CHUNK, by: Parsed::chunk)
            => TargetLookup::new(transaction)
            => Decide::<S::Profile>::new()
            => inspect(|chunk| progress(chunk.len()))
            => AppWriter::new(transaction)
    }
}

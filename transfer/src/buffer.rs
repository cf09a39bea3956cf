//! `Buffer`: a record on its way, with its counters (morango.md §10.5).

use syncline_serializer::counters::Counter;
use syncline_serializer::record_id::RecordId;

/// A record on its way from one store to another: a row of `morango_buffer`, with its counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buffer {
    /// The transfer session that it is sent in.
    pub transfer_session: RecordId,
    /// The id of the record.
    pub record: RecordId,
    /// The profile.
    pub profile: String,
    /// Morango's name of the model.
    pub model: String,
    /// The partition.
    pub partition: String,
    /// The source id.
    pub source_id: String,
    /// The record as JSON.
    pub serialized: String,
    /// The texts that lost a conflict.
    pub conflicting: String,
    /// `true` if the record is deleted.
    pub deleted: bool,
    /// `true` if the record is deleted, and its text erased.
    pub hard_deleted: bool,
    /// The instance that saved this version.
    pub last_saved_instance: RecordId,
    /// The counter of that instance.
    pub last_saved_counter: Counter,
    /// The id of the record that it refers to in its own model. Empty if there is none.
    pub self_ref_fk: String,
    /// The depth in the tree of self-references, between sides that both have it.
    pub self_ref_order: Option<i64>,
    /// The record max counters.
    pub counters: Vec<BufferCounter>,
}

impl Buffer {
    /// The bytes of its texts, which are nearly all that it takes in memory.
    #[must_use]
    pub fn weight(&self) -> usize {
        let texts = [&self.partition, &self.source_id, &self.serialized, &self.conflicting];
        size_of::<Self>() + texts.map(String::len).iter().sum::<usize>() + size_of_val(&*self.counters)
    }
}

/// A record max counter of a record on its way: a row of `morango_recordmaxcounterbuffer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BufferCounter {
    /// The transfer session that it is sent in.
    pub transfer_session: RecordId,
    /// The id of the record.
    pub record: RecordId,
    /// The instance.
    pub instance: RecordId,
    /// The highest counter of that instance that the sender has seen for the record.
    pub counter: Counter,
}

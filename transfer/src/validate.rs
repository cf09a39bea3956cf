//! The validation of received buffers (morango.md §10.3): they are hostile until then.

use syncline_serializer::counters::LARGEST_COUNTER;
use syncline_serializer::identity::LONGEST_SOURCE_ID;
use syncline_serializer::record_id::RecordId;

use crate::buffer::Buffer;
use crate::session::Transfer;
use crate::store::SessionStore;

/// The longest partition, in bytes. PostgreSQL cannot index longer ones (quirk P3).
const LONGEST_PARTITION: usize = 2704;

/// The sizes of Morango's columns, in characters.
const LONGEST_MODEL: usize = 40;
const LONGEST_REFERENCE: usize = 32;

/// A received record cannot be taken. Nothing of its chunk is written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[error("the record {record} of model `{model}` cannot be taken into `morango_buffer`: {fault}")]
pub struct InvalidBuffer {
    /// The record's id, as it was sent.
    pub record: RecordId,
    /// Its model, as it was sent.
    pub model: String,
    /// The fault of the record.
    pub fault: String,
}

/// Checks a chunk that was received in `transfer`.
pub(crate) fn validate<S: SessionStore>(
    store: &S,
    transfer: &Transfer,
    buffers: &[Buffer],
) -> Result<(), InvalidBuffer> {
    let filter = transfer.filter();
    let mut prefixes: Vec<&str> = filter.distinct_prefixes().collect();
    if prefixes.is_empty() {
        prefixes.push("");
    }
    for buffer in buffers {
        check(store, transfer, &prefixes, buffer).map_err(|fault| InvalidBuffer {
            record: buffer.record,
            model: buffer.model.clone(),
            fault,
        })?;
    }
    Ok(())
}

fn check<S: SessionStore>(
    store: &S,
    transfer: &Transfer,
    prefixes: &[&str],
    buffer: &Buffer,
) -> Result<(), String> {
    let Buffer { record, model, partition, source_id, .. } = buffer;
    if buffer.transfer_session != transfer.id {
        return Err(format!(
            "it is of the transfer session {}, not of {}",
            buffer.transfer_session, transfer.id
        ));
    }
    if buffer.profile != store.profile() {
        return Err(format!("its profile is `{}`, not `{}`", buffer.profile, store.profile()));
    }
    for (what, text, longest) in [
        ("model", model, LONGEST_MODEL),
        ("source id", source_id, LONGEST_SOURCE_ID),
        ("self-reference", &buffer.self_ref_fk, LONGEST_REFERENCE),
    ] {
        if text.chars().count() > longest || text.contains('\0') {
            return Err(format!("its {what} is longer than {longest} characters, or contains a NUL"));
        }
    }
    if partition.len() > LONGEST_PARTITION || partition.contains('\0') {
        return Err(format!("its partition is longer than {LONGEST_PARTITION} bytes, or contains a NUL"));
    }
    let in_its_place = partition.replace(record.as_str(), "${id}");
    if store.expected_id(model, &in_its_place, source_id) != Some(*record) {
        return Err(format!(
            "its id is not the one that follows from its partition `{partition}`, source id `{source_id}` and model"
        ));
    }
    if !prefixes.iter().any(|prefix| partition.starts_with(prefix)) {
        let filter = prefixes.join(" ");
        return Err(format!("its partition `{partition}` is outside of the session's filter `{filter}`"));
    }
    if buffer.last_saved_counter > LARGEST_COUNTER {
        return Err(format!("its counter {} is larger than {LARGEST_COUNTER}", buffer.last_saved_counter));
    }
    for counter in &buffer.counters {
        if counter.transfer_session != transfer.id || counter.record != *record {
            return Err(format!(
                "one of its counters is of the record {} in the transfer session {}",
                counter.record, counter.transfer_session
            ));
        }
        if counter.counter > LARGEST_COUNTER {
            return Err(format!("one of its counters is {}, larger than {LARGEST_COUNTER}", counter.counter));
        }
    }
    Ok(())
}

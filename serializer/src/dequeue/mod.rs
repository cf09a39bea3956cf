//! Dequeue: the leg that merges the buffers of a transfer session into the store (morango.md §11, §12).
//!
//! [`dequeue`] is the order of the numbered steps of §11. [`DequeueStore`] has a method for each.

mod answers;
mod store;

pub use answers::self_reference;
pub use store::{Answered, DequeueStore, FoundConflict};

use crate::counters::{
    Counter, Fsic, InstanceCounters, LARGEST_COUNTER, Received, received_by_instance, received_by_partition,
};
use crate::model::Profile;
use crate::record_id::RecordId;
use crate::transfer_session::{InvalidTransfer, TransferSession};

/// The largest rise of this instance's counter that a peer can cause in one session (quirk Q26).
const LARGEST_RISE: i64 = 100_000;

/// The counters at the end of the range that no peer can raise this instance's counter to (quirk Q26).
const RESERVED: i64 = 1 << 20;

/// The outcome of a [`dequeue`].
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dequeued {
    /// The number of records that the store had already, in this version or a newer one.
    pub stale: u64,
    /// The number of records in conflict: one text is the record's now, by the rule of the profile, and the other is kept beside
    /// it.
    pub conflicts: u64,
    /// The number of records in conflict whose store's text stayed because the answer of the profile's rule is no JSON object.
    pub unusable_answers: u64,
    /// The number of records that were written as they came: new ones, and newer versions.
    pub written: u64,
    /// The number of counters for partitions outside of the filter, which were left out.
    pub counters_outside: u64,
    /// The counter to which the peer raised that of this instance: it knows versions that this database lost, as after a
    /// backup that was put back.
    pub raised_to: Option<Counter>,
}

/// Merges the buffers of `session` into the store and writes the sender's counters. The backend calls it in one transaction.
///
/// The profile `P` decides about records in conflict ([`Profile::ON_CONFLICT`]).
///
/// # Errors
///
/// If a counter that the peer names cannot be true, the two sides use different formats of counters, or the database fails.
pub fn dequeue<P: Profile, S: DequeueStore>(
    store: &S,
    session: &TransferSession,
) -> Result<Dequeued, S::Error>
where
    S::Error: From<InvalidTransfer>,
{
    let mut outcome = Dequeued::default();
    let (instance, counter) = store.instance()?;
    // Stale records count as well: the peer has seen these counters.
    let named =
        store.named_counter(session, instance)?.max(i64::from(counter_in(session.sender(), instance)));
    let counter = if named > i64::from(counter) {
        let raised = raised(counter, named)?;
        outcome.raised_to = Some(raised);
        raised
    } else {
        counter
    };
    store.drop_counters_of_stale_records(session)?; // Step 1.
    outcome.stale = store.drop_stale_records(session)?; // Step 2.
    if counter >= LARGEST_COUNTER {
        return Err(InvalidTransfer::NoCounterLeft { counter: counter.into() }.into());
    }
    let counter = counter + 1;
    store.save_counter(counter)?; // Step 3.
    let me = (instance, counter);
    outcome.conflicts = store.list_conflicts(session)?; // Step 4.
    if outcome.conflicts > 0 {
        outcome.unusable_answers = answers::answer(store, session, &P::ON_CONFLICT, P::MODELS)?;
        store.merge_conflicts(session, me)?;
        store.raise_counters_of_conflicts(session)?; // Step 5.
        store.add_own_counters_of_conflicts(me)?; // Step 6.
        store.drop_known_counters_of_conflicts(session)?; // Step 7.
        store.drop_conflicts(session)?; // Step 8.
    }
    outcome.written = store.write_records(session)?; // Step 9.
    store.write_counters(session)?; // Step 10.
    store.drop_counters(session)?; // Step 11.
    store.drop_records(session)?; // Step 12.
    let received = received(store, session, me)?;
    store.raise_database_counters(&received)?; // Step 13.
    outcome.counters_outside = received.outside;
    Ok(outcome)
}

fn counter_in(sent: &Fsic, instance: RecordId) -> Counter {
    match sent {
        Fsic::ByInstance(counters) => counters.get(instance),
        Fsic::ByPartition(counters) => {
            let partitions = counters.inside.iter().chain(counters.above.iter());
            partitions.map(|(_, counters)| counters.get(instance)).max().unwrap_or_default()
        }
    }
}

/// The counter `named`, to which a peer raises `counter`.
fn raised(counter: Counter, named: i64) -> Result<Counter, InvalidTransfer> {
    let is_plausible =
        named - i64::from(counter) <= LARGEST_RISE && named < i64::from(LARGEST_COUNTER) + 1 - RESERVED;
    match Counter::try_from(named) {
        Ok(raised) if is_plausible => Ok(raised),
        _ => Err(InvalidTransfer::TooFarAhead { named, counter }),
    }
}

fn received<S: DequeueStore>(
    store: &S,
    session: &TransferSession,
    me: (RecordId, Counter),
) -> Result<Received, S::Error> {
    Ok(match session.sender() {
        Fsic::ByPartition(sent) => received_by_partition(sent, &session.prefixes(), me),
        Fsic::ByInstance(sent) => {
            let known: InstanceCounters = store.known_counters(session)?;
            received_by_instance(sent, &known, &session.prefixes(), me)
        }
    })
}

//! The reports: what each leg of a transfer did, and a whole sync.

use std::fmt;
use std::time::Duration;

use syncline_core::plural;
use syncline_serializer::dequeue::Dequeued;
use syncline_serializer::deserialize::Deserialized;
use syncline_serializer::serialize::Serialized;

use crate::session::Direction;

/// The work of one side in a transfer. A leg that it did not run is `None`.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Work {
    /// The changes that the sender wrote to its store first.
    pub serialized: Option<Serialized>,
    /// The number of records that the sender queued.
    pub queued: Option<u64>,
    /// The receiver's merge into its store.
    pub dequeued: Option<Dequeued>,
    /// The changes that the receiver wrote to its store before it deserialised.
    pub serialized_before: Option<Serialized>,
    /// The receiver's writes to the app's tables.
    pub deserialized: Option<Deserialized>,
}

impl Work {
    /// Adds what the other side did.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            serialized: self.serialized.or(other.serialized),
            queued: self.queued.or(other.queued),
            dequeued: self.dequeued.or(other.dequeued),
            serialized_before: self.serialized_before.or(other.serialized_before),
            deserialized: self.deserialized.or(other.deserialized),
        }
    }
}

/// One transfer of a sync.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Transferred {
    /// The direction.
    pub direction: Direction,
    /// `true` if an earlier run had begun it. What that run did is not counted, but for the records that were handed over.
    pub is_resumed: bool,
    /// The number of records that were handed over.
    pub records: u64,
    /// The number of chunks of this run.
    pub chunks: u64,
    /// The work of both sides.
    pub work: Work,
}

impl Transferred {
    pub(crate) fn new(direction: Direction) -> Self {
        Self { direction, is_resumed: false, records: 0, chunks: 0, work: Work::default() }
    }
}

impl fmt::Display for Transferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.direction)?;
        if self.is_resumed {
            f.write_str("resumed, ")?;
        }
        let Work { serialized, queued: _, dequeued, serialized_before: _, deserialized } = &self.work;
        if let Some(serialized) = serialized {
            let deletions = serialized.deleted + serialized.hard_deleted;
            let records = plural(serialized.records(), "record");
            write!(f, "{records} and {} serialised, ", plural(deletions, "deletion"))?;
        }
        write!(f, "{} sent", plural(self.records, "record"))?;
        if let Some(dequeued) = dequeued {
            write!(f, " ({} new or newer", dequeued.written)?;
            if dequeued.conflicts > 0 {
                write!(f, ", {} in conflict", dequeued.conflicts)?;
            }
            if dequeued.stale > 0 {
                write!(f, ", {} known", dequeued.stale)?;
            }
            f.write_str(")")?;
        }
        if let Some(deserialized) = deserialized {
            let (records, deleted) = (deserialized.records(), deserialized.deleted());
            write!(f, ", {records} written to the app and {deleted} deleted")?;
            if deserialized.failed() > 0 {
                write!(f, ", {} failed", deserialized.failed())?;
            }
        }
        if let Some(counter) = dequeued.as_ref().and_then(|dequeued| dequeued.raised_to) {
            write!(
                f,
                "; the peer knew this instance up to counter {counter}, so it is a backup that was put back"
            )?;
        }
        Ok(())
    }
}

/// The report of a sync. It prints in a line for each transfer, and one about the whole.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Synced {
    /// The transfers, in their order. Those that an earlier run left unfinished come first.
    pub transfers: Vec<Transferred>,
    /// The duration.
    pub elapsed: Duration,
}

impl Synced {
    /// The number of records that were handed over in `direction`.
    #[must_use]
    pub fn records(&self, direction: Direction) -> u64 {
        let transfers = self.transfers.iter().filter(|transfer| transfer.direction == direction);
        transfers.map(|transfer| transfer.records).sum()
    }

    /// The number of records in conflict, on both sides.
    #[must_use]
    pub fn conflicts(&self) -> u64 {
        let dequeued = self.transfers.iter().filter_map(|transfer| transfer.work.dequeued.as_ref());
        dequeued.map(|dequeued| dequeued.conflicts).sum()
    }

    /// The number of records that the app's tables did not take, on both sides.
    #[must_use]
    pub fn failed(&self) -> u64 {
        let deserialized = self.transfers.iter().filter_map(|transfer| transfer.work.deserialized.as_ref());
        deserialized.map(Deserialized::failed).sum()
    }
}

impl fmt::Display for Synced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for transfer in &self.transfers {
            writeln!(f, "{transfer}")?;
        }
        write!(f, "synced in {:.3} s", self.elapsed.as_secs_f64())
    }
}

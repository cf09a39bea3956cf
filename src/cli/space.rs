//! Disk space: the estimate of a run, and what is free.

use std::fmt;
use std::path::Path;

use indicatif::HumanBytes;
use serde::{Serialize, Serializer};

use crate::report::plural;
use crate::sqlite::Estimate;

/// The estimated disk space of a run, and the free space.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Room {
    #[serde(rename = "estimated_bytes", serialize_with = "bytes")]
    pub(super) estimate: Estimate,
    /// The bytes that this user can still write to the file system. `None` off Unix.
    pub(super) free_bytes: Option<u64>,
}

impl Room {
    /// Combines `estimate` with the free space of the file system of `path`.
    pub(super) fn on(path: &Path, estimate: Estimate) -> Self {
        Self { estimate, free_bytes: free_bytes(path) }
    }
}

#[cfg(unix)]
fn free_bytes(path: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(path).ok()?;
    Some(system.f_bavail.saturating_mul(system.f_frsize))
}

/// Other systems are not asked.
#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

fn bytes<S: Serializer>(estimate: &Estimate, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Bytes {
        log: u64,
        file: u64,
    }
    Bytes { log: estimate.log_bytes, file: estimate.file_bytes }.serialize(serializer)
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { estimate, free_bytes } = self;
        let records = plural(estimate.records, "record");
        write!(f, "{records} will take about {} of disk space", HumanBytes(estimate.bytes()))?;
        match free_bytes {
            Some(free) => write!(f, ", and {} is free", HumanBytes(*free)),
            None => Ok(()),
        }
    }
}

//! What the system counted of a process.

use std::time::Duration;

/// What a process took, or several.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Of the processor: user and system.
    pub(crate) cpu: Duration,
    /// The most memory that one of them had. (Linux counts it in KiB, others do not.)
    pub(crate) peak_kib: i64,
}

impl Usage {
    /// Of this process, so far.
    pub(crate) fn of_this_process() -> anyhow::Result<Self> {
        system::usage(false)
    }

    /// Of the children that have ended, together.
    pub(crate) fn of_children() -> anyhow::Result<Self> {
        system::usage(true)
    }
}

#[cfg(unix)]
mod system {
    use std::time::Duration;

    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;

    use super::Usage;

    pub(super) fn usage(of_children: bool) -> anyhow::Result<Usage> {
        let usage = getrusage(if of_children { UsageWho::RUSAGE_CHILDREN } else { UsageWho::RUSAGE_SELF })?;
        let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        Ok(Usage { cpu: Duration::from_micros(u64::try_from(microseconds)?), peak_kib: usage.max_rss() })
    }
}

#[cfg(not(unix))]
mod system {
    use super::Usage;

    pub(super) fn usage(_: bool) -> anyhow::Result<Usage> {
        anyhow::bail!("what a process takes can be measured on Unix only")
    }
}

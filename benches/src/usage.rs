//! Processor time and peak memory of processes, as the system counts them.

use std::time::Duration;

/// The usage of one or several processes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Processor time, user and system.
    pub(crate) cpu: Duration,
    /// The peak memory of the largest, in KiB. (Other systems than Linux use another unit.)
    pub(crate) peak_kib: i64,
}

impl Usage {
    /// The usage of this process so far.
    pub(crate) fn of_this_process() -> anyhow::Result<Self> {
        system::usage(false)
    }

    /// The usage of all children that have ended.
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

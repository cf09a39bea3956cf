//! Processes that run a sync session: one that is gone left its session behind.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use syncline_serializer::record_id::RecordId;

/// The sync sessions that threads of this process run.
static RUNNING: Mutex<BTreeSet<RecordId>> = Mutex::new(BTreeSet::new());

/// Returns `true` if the process `process`, which ran the session `id`, still does so. A session without a process is run by
/// none.
pub(super) fn runs(id: RecordId, process: Option<u32>) -> bool {
    match process {
        None => false,
        Some(process) if process == std::process::id() => {
            RUNNING.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
        }
        Some(process) => is_alive(process),
    }
}

#[cfg(unix)]
fn is_alive(process: u32) -> bool {
    let process = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    // A process of another user is alive: the signal is refused with another error.
    process.is_some_and(|process| rustix::process::test_kill_process(process) != Err(rustix::io::Errno::SRCH))
}

/// Without a way to ask, a process counts as alive: the next sync opens another session.
#[cfg(not(unix))]
fn is_alive(_: u32) -> bool {
    true
}

/// The sessions that one sync runs. They are free again when it is dropped.
#[derive(Debug, Default)]
pub(super) struct Running(Vec<RecordId>);

impl Running {
    pub(super) fn add(&mut self, id: RecordId) {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        self.0.push(id);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        for id in &self.0 {
            running.remove(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_run_by_a_living_process_or_by_a_thread_of_this_one() {
        let id = RecordId::random();
        let mut running = Running::default();
        assert!(!runs(id, None) && !runs(id, Some(std::process::id())));
        running.add(id);
        assert!(runs(id, Some(std::process::id())));
        drop(running);
        assert!(!runs(id, Some(std::process::id())));
        #[cfg(unix)]
        {
            assert!(runs(id, Some(std::os::unix::process::parent_id())));
            let mut child = std::process::Command::new("true").spawn().expect("a process");
            child.wait().expect("it ends");
            assert!(!runs(id, Some(child.id())));
        }
    }
}

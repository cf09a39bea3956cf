//! Processes that run a sync session: one that is gone left its session behind.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use syncline_serializer::record_id::RecordId;

use crate::store::process::is_alive;

/// The sync sessions that threads of this process run.
static RUNNING: Mutex<BTreeSet<RecordId>> = Mutex::new(BTreeSet::new());

/// Returns `true` if the process `process`, which ran the session `id`, still does so. A session without a process is run by
/// none.
pub(super) fn runs(id: RecordId, process: Option<i64>) -> bool {
    match process {
        None => false,
        Some(process) if process == i64::from(std::process::id()) => {
            RUNNING.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
        }
        Some(process) => is_alive(process),
    }
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
        assert!(!runs(id, None) && !runs(id, Some(std::process::id().into())));
        running.add(id);
        assert!(runs(id, Some(std::process::id().into())));
        drop(running);
        assert!(!runs(id, Some(std::process::id().into())));
        #[cfg(unix)]
        {
            assert!(runs(id, Some(std::os::unix::process::parent_id().into())));
            let mut child = std::process::Command::new("true").spawn().expect("a process");
            child.wait().expect("it ends");
            assert!(!runs(id, Some(child.id().into())));
        }
    }
}

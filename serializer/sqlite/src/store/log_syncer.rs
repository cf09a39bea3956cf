//! A thread that syncs the write-ahead log to the disk during a run.

use std::ffi::OsString;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

const INTERVAL: Duration = Duration::from_millis(100);

/// While this value lives, its thread syncs the log ten times a second. The commit, which waits until the whole log is
/// on the disk, then has little left to sync.
///
/// It makes nothing durable too early: SQLite ignores everything behind the last commit in a log. And closing the file
/// releases no lock, because SQLite holds no lock on the log file.
#[derive(Debug)]
pub(crate) struct LogSyncer {
    thread: Option<JoinHandle<()>>,
    is_over: Arc<AtomicBool>,
}

impl LogSyncer {
    /// Starts the thread. Returns `None` if the database of `connection` has no log, or the log cannot be opened.
    pub(crate) fn start(connection: &Connection) -> Option<Self> {
        let mut log = OsString::from(connection.path()?);
        log.push("-wal");
        // Without the thread the commit takes longer, with the same result.
        let log = File::open(log).ok()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let thread = thread::Builder::new().spawn({
            let is_over = Arc::clone(&is_over);
            move || {
                // A wait on a channel sometimes allocates memory. This wait never does, so allocation counts stay
                // exact.
                loop {
                    thread::park_timeout(INTERVAL);
                    if is_over.load(Ordering::Acquire) || log.sync_data().is_err() {
                        return;
                    }
                }
            }
        });
        Some(Self { thread: Some(thread.ok()?), is_over })
    }
}

impl Drop for LogSyncer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The thread does nothing that could panic, and no result depends on it.
            let _ = thread.join();
        }
    }
}

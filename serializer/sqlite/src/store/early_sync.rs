//! Has the write-ahead log put on the disk while it grows.

use std::ffi::OsString;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

const INTERVAL: Duration = Duration::from_millis(100);

/// While it lives, a thread syncs the log ten times a second, so that the commit, which waits until all of it is on
/// the disk, finds most of it there.
///
/// It makes nothing durable before its time: SQLite ignores what stands behind the last commit in a log. And it closes
/// no lock: SQLite keeps none on that file.
#[derive(Debug)]
pub(crate) struct EarlySync {
    thread: Option<JoinHandle<()>>,
    is_over: Arc<AtomicBool>,
}

impl EarlySync {
    /// Starts it, where `connection`'s database has a log that can be opened.
    pub(crate) fn start(connection: &Connection) -> Option<Self> {
        let mut log = OsString::from(connection.path()?);
        log.push("-wal");
        // Without it the commit takes longer, and nothing else.
        let log = File::open(log).ok()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let thread = thread::Builder::new().spawn({
            let is_over = Arc::clone(&is_over);
            move || {
                // Waiting for a channel would allocate something, or not, as it happens; this never does.
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

impl Drop for EarlySync {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It does nothing that could panic, and nothing depends on it.
            let _ = thread.join();
        }
    }
}

//! Has the write-ahead log put on the disk while it grows.

use std::ffi::OsString;
use std::fs::File;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::Scope;
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
    _until_dropped: Sender<()>,
}

impl EarlySync {
    /// Starts it, where `connection`'s database has a log that can be opened.
    pub(crate) fn start<'scope>(scope: &'scope Scope<'scope, '_>, connection: &Connection) -> Option<Self> {
        let mut log = OsString::from(connection.path()?);
        log.push("-wal");
        // Without it the commit takes longer, and nothing else.
        let log = File::open(log).ok()?;
        let (sender, receiver) = channel::<()>();
        scope.spawn(move || {
            while receiver.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) && log.sync_data().is_ok()
            {
            }
        });
        Some(Self { _until_dropped: sender })
    }
}

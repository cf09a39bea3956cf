//! The beginning of a run's transaction.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use syncline_core::CancelToken;

use crate::error::{Doing, RunError};

/// The longest wait of SQLite for a lock between two checks of the token.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// Begins an immediate transaction: waits for the write lock.
pub(crate) fn begin_immediate<'c>(
    connection: &'c Connection,
    path: &Path,
    busy_timeout: Duration,
    cancel: Option<&CancelToken>,
) -> Result<Transaction<'c>, RunError> {
    let try_to_begin = || Transaction::new_unchecked(connection, TransactionBehavior::Immediate);
    let failed = |source| RunError::first_read(path, source);
    let Some(cancel) = cancel else { return try_to_begin().map_err(failed) };
    // SQLite's own wait does not check the token, so each wait is short.
    let start = Instant::now();
    let begun = loop {
        let left = busy_timeout.saturating_sub(start.elapsed());
        connection.busy_timeout(left.min(LONGEST_WAIT)).doing("setting the busy timeout")?;
        match try_to_begin() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                if cancel.is_cancelled() {
                    break Err(RunError::Cancelled);
                }
                if left.is_zero() {
                    break Err(failed(error));
                }
            }
            begun => break begun.map_err(failed),
        }
    };
    connection.busy_timeout(busy_timeout).doing("setting the busy timeout")?;
    begun
}

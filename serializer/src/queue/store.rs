//! `QueueStore`: the operations of queue on a database.

use super::Difference;
use crate::transfer_session::TransferSession;

/// An open transaction of a backend, for [`queue`](super::queue).
pub trait QueueStore {
    /// The error of the database.
    type Error;

    /// Deletes the buffers of `session`, and their counters.
    ///
    /// # Errors
    ///
    /// If the database cannot be written, as for all operations.
    fn empty_buffers(&self, session: &TransferSession) -> Result<(), Self::Error>;

    /// Copies the store rows of the session's profile that `difference` [includes](Difference::includes) to the buffers, dirty
    /// rows too. Returns their number.
    ///
    /// # Errors
    ///
    /// As for [`empty_buffers`](Self::empty_buffers).
    fn copy_records(&self, session: &TransferSession, difference: Difference) -> Result<u64, Self::Error>;

    /// Copies the record max counters of the buffered records.
    ///
    /// # Errors
    ///
    /// As for [`empty_buffers`](Self::empty_buffers).
    fn copy_counters(&self, session: &TransferSession) -> Result<(), Self::Error>;

    /// Writes the number of records to the session.
    ///
    /// # Errors
    ///
    /// As for [`empty_buffers`](Self::empty_buffers).
    fn save_total(&self, session: &TransferSession, records: u64) -> Result<(), Self::Error>;
}

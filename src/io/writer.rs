//! A buffer in front of a writer.

use std::io::{self, Write};

/// Gathers whole records, and writes them many at a time.
///
/// Unlike [`std::io::BufWriter`] it writes nothing when it is dropped, since a sink that is dropped belongs to a run that
/// failed.
pub(super) struct Records<W> {
    writer: W,
    held: Vec<u8>,
}

impl<W: Write> Records<W> {
    const FULL_BYTES: usize = 64 * 1024;

    pub(super) fn new(writer: W) -> Self {
        Self { writer, held: Vec::new() }
    }

    /// Adds what `append` makes, or nothing when it fails.
    pub(super) fn add<E>(&mut self, append: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E>
    where
        E: From<io::Error>,
    {
        let whole = self.held.len();
        if let Err(error) = append(&mut self.held) {
            self.held.truncate(whole);
            return Err(error);
        }
        if self.held.len() >= Self::FULL_BYTES {
            self.write()?;
        }
        Ok(())
    }

    /// Writes what is held, and flushes the writer.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.write()?;
        self.writer.flush()
    }

    fn write(&mut self) -> io::Result<()> {
        self.writer.write_all(&self.held)?;
        self.held.clear();
        Ok(())
    }
}

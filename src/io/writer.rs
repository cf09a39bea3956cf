//! A buffer in front of a writer.

use std::io::{self, Write};

/// Gathers whole records, and writes them many at a time.
///
/// Unlike [`std::io::BufWriter`] it writes nothing when it is dropped, since a sink that is dropped belongs to a run that
/// failed. And a record that is refused was not taken, though it was the writer that failed: it may be offered again.
pub(super) struct Records<W> {
    writer: W,
    held: Vec<u8>,
}

impl<W: Write> Records<W> {
    const FULL_BYTES: usize = 64 * 1024;

    pub(super) fn new(writer: W) -> Self {
        Self { writer, held: Vec::new() }
    }

    /// Adds what `append` makes, or nothing when it fails, or when what was held cannot be written.
    pub(super) fn add<E>(&mut self, append: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E>
    where
        E: From<io::Error>,
    {
        if self.held.len() >= Self::FULL_BYTES {
            self.write()?;
        }
        let whole = self.held.len();
        let appended = append(&mut self.held);
        if appended.is_err() {
            self.held.truncate(whole);
        }
        appended
    }

    /// Writes what is held, and flushes the writer.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.write()?;
        self.writer.flush()
    }

    /// Writes what is held. When that fails, what was not written is still held.
    fn write(&mut self) -> io::Result<()> {
        let mut written = 0;
        let mut result = Ok(());
        while result.is_ok() && written < self.held.len() {
            match self.writer.write(&self.held[written..]) {
                Ok(0) => result = Err(io::ErrorKind::WriteZero.into()),
                Ok(more) => written += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => result = Err(error),
            }
        }
        self.held.drain(..written);
        result
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use super::Records;

    /// Takes a few bytes at a time, and fails before each that stands in `fails`, once.
    struct Flaky<'a> {
        written: &'a mut Vec<u8>,
        fails: Vec<usize>,
    }

    impl Write for Flaky<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Some(at) = self.fails.iter().position(|at| *at <= self.written.len()) {
                self.fails.remove(at);
                return Err(io::Error::other("the disk is away"));
            }
            let few = bytes.len().min(1000);
            self.written.extend_from_slice(&bytes[..few]);
            Ok(few)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_offered_again_is_written_once() {
        for fails in [vec![], vec![0], vec![500], vec![1000], vec![0, 64_000, 70_000], vec![130_000]] {
            let mut written = Vec::new();
            let mut records = Records::new(Flaky { written: &mut written, fails: fails.clone() });
            let mut failed = 0;
            let mut wanted = Vec::new();
            for record in 0..40_u8 {
                let text = vec![record; if record == 7 { 70_000 } else { 5000 }];
                let mut add = || records.add(|held| held.write_all(&text));
                while add().is_err() {
                    failed += 1;
                }
                wanted.extend(text);
            }
            while records.flush().is_err() {
                failed += 1;
            }
            assert_eq!(failed, fails.len());
            assert!(written == wanted, "{fails:?}");
        }
    }

    #[test]
    fn what_is_left_out_is_not_written() {
        let mut written = Vec::new();
        let mut records = Records::new(Flaky { written: &mut written, fails: vec![0] });
        let [first, second, third] = [1, 2, 3].map(|byte| vec![byte; 70_000]);
        records.add(|held| held.write_all(&first)).unwrap();
        records.add(|held| held.write_all(&second)).unwrap_err();
        records.add(|held| held.write_all(&third)).unwrap();
        records.flush().unwrap();
        assert!(written == [first, third].concat());
    }

    #[test]
    fn a_writer_that_takes_nothing_is_an_error() {
        let mut records = Records::new(io::Cursor::new([0_u8; 3]));
        records.add(|held| held.write_all(b"abcd")).unwrap();
        assert_eq!(records.flush().unwrap_err().kind(), io::ErrorKind::WriteZero);
    }
}

//! The write buffer of the sinks for files.

use std::io::{self, Write};

/// A buffer that collects whole records and writes many at a time.
///
/// It differs from [`std::io::BufWriter`] in two ways. It writes nothing on drop, because a sink that is dropped
/// belongs to a failed run. And if `add` fails, the record is not in the buffer, even if the writer failed: a retry may
/// add it again.
pub(super) struct Records<W> {
    writer: W,
    held: Vec<u8>,
}

impl<W: Write> Records<W> {
    const FULL_BYTES: usize = 64 * 1024;

    pub(super) fn new(writer: W) -> Self {
        Self { writer, held: Vec::new() }
    }

    /// Adds the record that `append` appends. If `append` fails, or a full buffer cannot be written, the buffer is
    /// unchanged.
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

    /// Writes the buffered records and flushes the writer.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.write()?;
        self.writer.flush()
    }

    /// Writes the buffered records. After an error the buffer keeps the bytes that were not written.
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

    /// A writer that takes a few bytes in each call, and fails once before each of the bytes in `fails`.
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

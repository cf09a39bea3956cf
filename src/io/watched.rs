//! `Watched`: a reader that knows when it may block.

use std::io::{self, BufRead, Read};

/// A buffered reader that notes how much it has read at a time.
///
/// A pipe, a terminal or a socket returns what has come so far, and blocks if that is nothing. So after a read that did
/// not fill the buffer the next one may block. A file fills the buffer until its end and never blocks,
/// so a parallel stage behind it need not emit its results early.
pub(super) struct Watched<R> {
    reader: R,
    /// The bytes in the buffer that are consumed.
    consumed: usize,
    /// The bytes in the buffer up to the end of its last whole line.
    whole: usize,
    /// The length of the buffer.
    filled: usize,
}

/// A read of so many bytes has filled the buffer: it is the capacity of a [`std::io::BufReader`].
const FULL: usize = 8 * 1024;

impl<R: BufRead> Watched<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, consumed: 0, whole: 0, filled: 0 }
    }

    /// Returns `true` if reading one more line may block.
    pub(super) fn may_block(&self) -> bool {
        self.consumed >= self.whole && self.filled < FULL
    }
}

impl<R: BufRead> BufRead for Watched<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let buffer = self.reader.fill_buf()?;
        if self.consumed >= self.filled {
            self.consumed = 0;
            self.filled = buffer.len();
            self.whole = buffer.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        }
        Ok(buffer)
    }

    fn consume(&mut self, amount: usize) {
        self.reader.consume(amount);
        self.consumed = self.consumed.saturating_add(amount);
    }
}

impl<R: BufRead> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read};

    use super::{FULL, Watched};

    /// Reads one line, and returns if that could have blocked.
    fn may_block_before_a_line<R: BufRead>(reader: &mut Watched<R>) -> bool {
        let may_block = reader.may_block();
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        may_block
    }

    #[test]
    fn a_read_behind_a_short_one_may_block() {
        // Each part is one read, as with a pipe.
        let parts = (&b"a\nb\n"[..]).chain(&b"c\npart"[..]).chain(&b"ial\nd\n"[..]);
        let mut reader = Watched::new(BufReader::new(parts));
        let expected =
            [("a", true), ("b", false), ("c", true), ("partial", true), ("d", false), ("end", true)];
        for (line, may_block) in expected {
            assert_eq!(may_block_before_a_line(&mut reader), may_block, "{line}");
        }
    }

    #[test]
    fn a_file_blocks_nowhere() {
        let text = "0123456789\n".repeat(10 * FULL);
        let mut reader = Watched::new(BufReader::new(text.as_bytes()));
        let lines = std::iter::repeat_with(|| may_block_before_a_line(&mut reader)).take(10 * FULL);
        // Only before the first read, and in the rest behind the last full buffer.
        let rest = text.len() % FULL / 11 + 1;
        assert!(lines.filter(|may_block| *may_block).count() <= 1 + rest);
    }
}

//! `decode`: a reader that converts text in another encoding to UTF-8.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// A reader of the UTF-8 text that `reader` has in `encoding`. It is for [`lines`](super::lines), and for CSV and JSON
/// lines as well. Needs the feature `encoding_rs`.
///
/// ```
/// use syncline::io::{decode, lines};
/// use syncline::prelude::*;
///
/// let file: &[u8] = b"M\xfcller\nZo\xeb\n";
/// let names = lines(decode(file, encoding_rs::WINDOWS_1252));
/// assert_eq!(Pipeline::new("names", names).end(Collect::new()).run()?.output, ["M\u{fc}ller", "Zo\u{eb}"]);
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// A byte order mark is skipped. If it is that of another encoding, that encoding is used: UTF-8, or UTF-16 in either
/// order.
///
/// Bytes that are no text in that encoding are a read error, of the kind [`io::ErrorKind::InvalidData`], with the
/// position of the byte. Nothing is replaced.
pub fn decode<R: Read>(reader: R, encoding: &'static Encoding) -> Decode<R> {
    Decode {
        reader,
        decoder: encoding.new_decoder(),
        input: vec![0; INPUT],
        input_at: 0,
        input_end: 0,
        is_last: false,
        is_over: false,
        taken: 0,
        malformed: None,
        text: vec![0; TEXT],
        text_at: 0,
        text_end: 0,
    }
}

/// Reader of [`decode`].
///
/// * Memory: 40 KiB. The reader inside needs no [`std::io::BufReader`].
#[must_use]
pub struct Decode<R> {
    reader: R,
    decoder: Decoder,
    /// Bytes of the reader, of which those from `input_at` to `input_end` are not decoded yet.
    input: Vec<u8>,
    input_at: usize,
    input_end: usize,
    /// `true` at the end of the reader.
    is_last: bool,
    /// `true` if all text is decoded.
    is_over: bool,
    /// The number of bytes that were decoded.
    taken: u64,
    /// The position of malformed bytes behind the decoded text.
    malformed: Option<u64>,
    /// Decoded text, of which that from `text_at` to `text_end` is not read yet.
    text: Vec<u8>,
    text_at: usize,
    text_end: usize,
}

const INPUT: usize = 16 * 1024;
const TEXT: usize = 24 * 1024;

impl<R: Read> Decode<R> {
    /// Decodes until there is some text, or none any more.
    fn refill(&mut self) -> io::Result<()> {
        (self.text_at, self.text_end) = (0, 0);
        while self.text_end == 0 && !self.is_over {
            if let Some(at) = self.malformed {
                let encoding = self.decoder.encoding().name();
                return Err(io::Error::new(io::ErrorKind::InvalidData, Malformed { encoding, at }));
            }
            if self.input_at == self.input_end && !self.is_last {
                self.input_at = 0;
                self.input_end = loop {
                    match self.reader.read(&mut self.input) {
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        read => break read?,
                    }
                };
                self.is_last = self.input_end == 0;
            }
            let input = &self.input[self.input_at..self.input_end];
            let (result, taken, written) =
                self.decoder.decode_to_utf8_without_replacement(input, &mut self.text, self.is_last);
            self.input_at += taken;
            self.taken += taken as u64;
            self.text_end = written;
            match result {
                DecoderResult::InputEmpty => self.is_over = self.is_last,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(bytes, behind) => {
                    self.malformed = Some(self.taken - u64::from(bytes) - u64::from(behind));
                }
            }
        }
        Ok(())
    }
}

impl<R: Read> BufRead for Decode<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.text_at == self.text_end {
            self.refill()?;
        }
        Ok(&self.text[self.text_at..self.text_end])
    }

    fn consume(&mut self, bytes: usize) {
        self.text_at = (self.text_at + bytes).min(self.text_end);
    }
}

impl<R: Read> Read for Decode<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R> fmt::Debug for Decode<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decode").field("encoding", &self.decoder.encoding().name()).finish_non_exhaustive()
    }
}

/// The error for bytes that are no text.
#[derive(Debug)]
struct Malformed {
    encoding: &'static str,
    /// The position of the first of the bytes.
    at: u64,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the text is not in {}: invalid from byte {} of the file", self.encoding, self.at + 1)
    }
}

impl Error for Malformed {}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::decode;

    /// A reader that gives one byte at a time.
    struct Drops<'t>(&'t [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let few = buffer.len().min(1);
            self.0.read(&mut buffer[..few])
        }
    }

    fn utf_16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn text_of_any_length_is_decoded() {
        for count in [0, 1, 1000, 20_000] {
            let text = "n,\u{fc}\u{20ac}\u{1f600}\n".repeat(count);
            let mut read = String::new();
            decode(&utf_16(&text)[..], encoding_rs::UTF_16LE).read_to_string(&mut read).unwrap();
            assert!(read == text, "{count}");
        }
        let mut read = String::new();
        decode(Drops(&utf_16("\u{feff}a\u{1f600}b")), encoding_rs::UTF_16LE)
            .read_to_string(&mut read)
            .unwrap();
        assert_eq!(read, "a\u{1f600}b");
    }

    #[test]
    fn a_mark_of_another_encoding_decides() {
        let mut read = String::new();
        decode(&b"\xfe\xff\0a\0b"[..], encoding_rs::WINDOWS_1252).read_to_string(&mut read).unwrap();
        assert_eq!(read, "ab");
    }

    #[test]
    fn what_is_malformed_is_an_error_behind_the_text_before_it() {
        let mut text = utf_16("ab");
        text.extend(b"\x00\xdc");
        text.extend(utf_16("c"));
        let mut read = Vec::new();
        let error = decode(&text[..], encoding_rs::UTF_16LE).read_to_end(&mut read).unwrap_err();
        assert_eq!(read, b"ab");
        assert_eq!(error.to_string(), "the text is not in UTF-16LE: invalid from byte 5 of the file");
        // Half of a letter at the end.
        let error = decode(&b"a\0b"[..], encoding_rs::UTF_16LE).read_to_end(&mut read).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}

//! `counted` and `open_counted`: readers that count their bytes, for the progress of a run over a file.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A reader that counts the bytes that are read from `reader`. The handle [`Counted::progress`] has the count during the
/// run, in an observer or on another thread.
///
/// ```
/// use syncline::io::{counted, lines};
/// use syncline::prelude::*;
/// use syncline::run::{RunOptions, tell_progress};
///
/// let text = "a line of 20 bytes.\n".repeat(600);
/// let file = counted(text.as_bytes()).of(text.len() as u64);
/// let bytes = file.progress();
///
/// let mut told = Vec::new();
/// let progress = tell_progress(|lines, _| told.push((lines, bytes.read(), bytes.total())));
/// Pipeline::new("lines", lines(file)).count().run_with(RunOptions::new().observed_by(progress))?;
/// assert!(told.iter().all(|(lines, read, total)| *read == lines * 20 && *total == Some(12_000)));
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// A source that reads ahead, such as that of CSV or one behind a [`BufReader`], has read up to one buffer more than it
/// has emitted. Put `counted` next to the file, inside of a buffer, a `decode` or a decompression: then the bytes are
/// those of the file, and so is the total.
pub fn counted<R>(reader: R) -> Counted<R> {
    Counted { reader, bytes: BytesRead { read: Arc::default(), total: None } }
}

/// Opens a file for reading, with a buffer, and counts its bytes. The total is the size of the file.
///
/// ```no_run
/// use syncline::io::{lines, open_counted};
/// use syncline::prelude::*;
///
/// let file = open_counted("words.txt")?;
/// let bytes = file.get_ref().progress();
/// let count = Pipeline::new("words", lines(file)).count().run()?.output;
/// assert_eq!(Some(bytes.read()), bytes.total());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the file cannot be opened. The error names it.
pub fn open_counted(path: impl AsRef<Path>) -> io::Result<BufReader<Counted<File>>> {
    let path = path.as_ref();
    let open = || {
        let file = File::open(path)?;
        let data = file.metadata()?;
        if data.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        // A pipe or a device has no size.
        let total = data.is_file().then_some(data.len());
        Ok(Counted { reader: file, bytes: BytesRead { read: Arc::default(), total } })
    };
    match open() {
        Ok(file) => Ok(BufReader::with_capacity(BUFFER, file)),
        Err(error) => {
            Err(io::Error::new(error.kind(), format!("cannot open {} for reading: {error}", path.display())))
        }
    }
}

/// The size of the buffer of an opened file.
const BUFFER: usize = 64 * 1024;

/// Reader of [`counted`] and [`open_counted`].
#[derive(Debug)]
#[must_use]
pub struct Counted<R> {
    reader: R,
    bytes: BytesRead,
}

impl<R> Counted<R> {
    /// Sets the total number of bytes.
    pub fn of(mut self, total: u64) -> Self {
        self.bytes.total = Some(total);
        self
    }

    /// The count. It is valid during the run and after it.
    #[must_use]
    pub fn progress(&self) -> BytesRead {
        self.bytes.clone()
    }

    fn count(&self, bytes: usize) {
        self.bytes.read.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.count(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.reader.consume(bytes);
        self.count(bytes);
    }
}

/// The number of bytes that a [`Counted`] reader has read. A clone has the same count.
#[derive(Clone)]
pub struct BytesRead {
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl BytesRead {
    /// The number of bytes read so far.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The number of bytes in all, if it is known: the size of the file when it was opened.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}

impl fmt::Debug for BytesRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BytesRead").field("read", &self.read()).field("total", &self.total).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read};

    use super::{counted, open_counted};

    #[test]
    fn each_way_to_read_is_counted_once() {
        let text = "0123456789".repeat(10_000);
        let mut reader = counted(text.as_bytes());
        let bytes = reader.progress();
        let mut ten = [0; 10];
        reader.read_exact(&mut ten).unwrap();
        assert_eq!(bytes.read(), 10);
        let mut line = Vec::new();
        reader.read_until(b'4', &mut line).unwrap();
        assert_eq!(bytes.read(), 15);
        assert_eq!(reader.read_to_end(&mut line).unwrap(), 99_985);
        assert_eq!((bytes.read(), bytes.total()), (100_000, None));

        let mut buffered = BufReader::with_capacity(100, counted(text.as_bytes()));
        buffered.read_exact(&mut ten).unwrap();
        assert_eq!(buffered.get_ref().progress().read(), 100);
    }

    #[test]
    fn a_file_has_a_total_and_one_that_is_missing_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.txt");
        std::fs::write(&path, "one\ntwo\n").unwrap();
        let mut file = open_counted(&path).unwrap();
        let bytes = file.get_ref().progress();
        assert_eq!((bytes.read(), bytes.total()), (0, Some(8)));
        assert_eq!(file.read_to_string(&mut String::new()).unwrap(), 8);
        assert_eq!(bytes.read(), 8);
        for (path, why) in
            [(folder.path().join("missing"), "No such file"), (folder.path().to_owned(), "directory")]
        {
            let error = open_counted(&path).unwrap_err().to_string();
            assert!(error.starts_with(&format!("cannot open {} for reading: ", path.display())), "{error}");
            assert!(error.contains(why), "{error}");
        }
    }
}

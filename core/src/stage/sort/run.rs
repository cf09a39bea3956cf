//! One sorted run in a temporary file: each item as its length in 8 bytes and its encoding by `rmp-serde`.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::exact::Item;
use super::files::Files;
use crate::error::Failure;

/// The size of the buffer of a file.
const BUFFER: usize = 32 * 1024;

/// A run that is being written.
pub(super) struct RunWriter<'f> {
    files: &'f Files,
    file: BufWriter<File>,
    /// The items that were written.
    items: u64,
    encoded: Vec<u8>,
}

impl<'f> RunWriter<'f> {
    pub(super) fn create(files: &'f Files) -> Result<Self, Failure> {
        let file = BufWriter::with_capacity(BUFFER, files.create()?);
        Ok(Self { files, file, items: 0, encoded: Vec::new() })
    }

    /// Writes one item. The first one is also read back, so that a type that cannot be read is not an error at the end.
    pub(super) fn write<T: Serialize + DeserializeOwned>(&mut self, item: &T) -> Result<(), Failure> {
        self.encoded.clear();
        let mut serializer = rmp_serde::Serializer::new(&mut self.encoded).with_struct_map();
        Item::<_, false>(item).serialize(&mut serializer).map_err(|error| encoding("serialized", &error))?;
        if self.items == 0 {
            decode::<T>(&self.encoded)?;
        }
        self.items += 1;
        let length = (self.encoded.len() as u64).to_le_bytes();
        let written = self.file.write_all(&length).and_then(|()| self.file.write_all(&self.encoded));
        written.map_err(|error| self.files.failure("write", &error))
    }

    /// Completes the run.
    pub(super) fn end<T>(self) -> Result<Run<T>, Failure> {
        let Self { files, file, items, .. } = self;
        let file = file.into_inner().map_err(|error| files.failure("write", error.error()))?;
        Ok(Run { file, items, holds: PhantomData })
    }
}

/// A complete run. Its file is removed when it is dropped.
pub(super) struct Run<T> {
    file: File,
    items: u64,
    holds: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Run<T> {
    /// Reads the run from its start.
    pub(super) fn read(mut self, files: &Files) -> Result<RunReader<'_, T>, Failure> {
        self.file.rewind().map_err(|error| files.failure("read", &error))?;
        let file = BufReader::with_capacity(BUFFER, self.file);
        Ok(RunReader { files, file, left: self.items, encoded: Vec::new(), holds: PhantomData })
    }
}

/// A run that is being read.
pub(super) struct RunReader<'f, T> {
    files: &'f Files,
    file: BufReader<File>,
    /// The items that were not read yet.
    left: u64,
    encoded: Vec<u8>,
    holds: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> RunReader<'_, T> {
    /// Reads the next item.
    pub(super) fn next(&mut self) -> Result<Option<T>, Failure> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut length = [0; 8];
        self.encoded.clear();
        let read = self.file.read_exact(&mut length).and_then(|()| {
            let length = u64::from_le_bytes(length);
            match (&mut self.file).take(length).read_to_end(&mut self.encoded)? {
                read if read as u64 == length => Ok(()),
                _ => Err(std::io::ErrorKind::UnexpectedEof.into()),
            }
        });
        read.map_err(|error| self.files.failure("read", &error))?;
        decode(&self.encoded).map(Some)
    }
}

fn decode<T: DeserializeOwned>(encoded: &[u8]) -> Result<T, Failure> {
    rmp_serde::from_slice(encoded).map_err(|error| encoding("deserialized", &error))
}

#[cold]
fn encoding(done: &str, error: &dyn std::error::Error) -> Failure {
    Failure::new(format!(
        "`sort` writes items to temporary files as MessagePack, and one cannot be {done}: {error}"
    ))
    .fatal()
}

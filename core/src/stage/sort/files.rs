//! Temporary files without names in one folder.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Failure;

/// The folder of temporary files.
pub(super) struct Files {
    folder: PathBuf,
    /// Creates a file in the folder.
    create: fn(&Path) -> io::Result<File>,
}

impl Files {
    /// A folder of files that the operating system removes when they are closed.
    pub(super) fn in_folder(folder: PathBuf) -> Self {
        Self { folder, create: |folder| tempfile::tempfile_in(folder) }
    }

    pub(super) fn create(&self) -> Result<File, Failure> {
        (self.create)(&self.folder).map_err(|error| self.failure("create", &error))
    }

    #[cold]
    pub(super) fn failure(&self, what: &str, error: &io::Error) -> Failure {
        let folder = self.folder.display();
        Failure::new(format!(
            "`sort` cannot {what} a temporary file in the folder {folder}: {error}; choose another folder with \
             `Sort::in_folder`, or hold more items in memory"
        ))
        .fatal()
    }
}

#[cfg(test)]
impl Files {
    /// A folder whose disk is full.
    pub(super) fn on_a_full_disk(folder: &str) -> Self {
        Self { folder: folder.into(), create: |_| File::options().read(true).write(true).open("/dev/full") }
    }
}

//! Temporary copies of the databases under `tests/fixtures`.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::FromSql;
use tempfile::TempDir;

/// A database in a temporary folder, which is removed on drop.
pub(crate) struct Scratch {
    folder: TempDir,
    path: PathBuf,
}

impl Scratch {
    /// Copies a fixture, such as `kolibri-30`.
    pub(crate) fn of(fixture: &str) -> Self {
        let packed = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/fixtures")
            .join(format!("{fixture}.sqlite3.xz"));
        Self::unpack(&packed)
    }

    /// Unpacks a database that is compressed with `xz`.
    pub(crate) fn unpack(packed: &Path) -> Self {
        let file = fs::File::open(packed).unwrap_or_else(|error| panic!("{}: {error}", packed.display()));
        let mut bytes = Vec::new();
        lzma_rust2::XzReader::new(std::io::BufReader::new(file), true).read_to_end(&mut bytes).unwrap();
        let scratch = Self::empty();
        fs::write(&scratch.path, bytes).unwrap();
        scratch
    }

    /// Makes a folder without a database.
    pub(crate) fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("db.sqlite3");
        Self { folder, path }
    }

    /// Copies the files of the database, the log included.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::empty();
        for name in self.files() {
            if !name.ends_with("-shm") {
                fs::copy(self.folder().join(&name), copy.folder().join(&name)).unwrap();
            }
        }
        copy
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The names of the files in the folder, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Opens a connection without foreign key checks, so that tests can write invalid references.
    pub(crate) fn connect(&self) -> Connection {
        let connection = Connection::open(&self.path).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection
    }

    /// Executes statements on a connection of their own.
    pub(crate) fn execute(&self, sql: &str) {
        self.connect().execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// Returns the first column of the first row of a query.
    pub(crate) fn one<T: FromSql>(&self, sql: &str) -> T {
        self.connect().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{error}: {sql}"))
    }

    /// Returns the first column of every row of a query.
    pub(crate) fn all<T: FromSql>(&self, sql: &str) -> Vec<T> {
        let connection = self.connect();
        let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

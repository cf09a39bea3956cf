//! Backups of the whole file that are put back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use syncline::Database;

use super::super::declarations::Notes;
use super::World;

/// A copy of the file, with what is known of its content.
#[derive(Debug)]
pub(super) struct Backup {
    forgotten: BTreeSet<String>,
    wiped: BTreeSet<String>,
}

/// The way in which a backup is put back.
#[derive(Debug, Clone, Copy)]
pub(super) enum PutBack {
    /// It becomes a new file at the old path.
    NewFile,
    /// It is copied into the existing file.
    Over {
        /// The user says so.
        said: bool,
    },
}

/// The outcomes that are counted.
pub(super) const COUNTED: [&str; 5] = [
    "backups made",
    "backups put back as new files",
    "backups copied over and said",
    "backups copied over in silence",
    "records that a peer receives after a backup was put back",
];

/// The peer of the database: the counters of each instance that it has seen. It keeps them when a backup is put back.
#[derive(Debug, Default)]
pub(super) struct Peer {
    seen: BTreeMap<String, i64>,
    /// A backup was put back, and said so or not.
    put_back: Option<bool>,
}

impl Peer {
    /// Receives the records that changed from `before` to `after`, with the instance and counter of each. Returns the number
    /// of those that came after a backup was put back.
    pub(super) fn receive(
        &mut self,
        before: &BTreeMap<String, (String, i64)>,
        after: &BTreeMap<String, (String, i64)>,
    ) -> u32 {
        let mut received = 0;
        let mut seen = self.seen.clone();
        for (id, (instance, counter)) in after.iter().filter(|(id, saved)| before.get(*id) != Some(*saved)) {
            let last = self.seen.get(instance).copied().unwrap_or_default();
            if self.put_back != Some(false) {
                assert!(
                    *counter > last,
                    "no peer asks for {id}: {instance} has {counter}, and {last} was seen"
                );
                received += u32::from(self.put_back.is_some());
            }
            let newest = seen.entry(instance.clone()).or_default();
            *newest = (*newest).max(*counter);
        }
        self.seen = seen;
        received
    }
}

impl World {
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("app.sqlite3")
    }

    fn backup_path(&self) -> PathBuf {
        self.folder.path().join("backup")
    }

    pub(super) fn back_up(&mut self) {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: i64 = self.connection().query_row(checkpoint, [], |row| row.get(0)).unwrap();
        assert_eq!(busy, 0);
        fs::copy(self.path(), self.backup_path()).unwrap();
        self.backup = Some(Backup { forgotten: self.forgotten.clone(), wiped: self.wiped.clone() });
        self.count("backups made");
    }

    pub(super) fn put_back(&mut self, how: PutBack) {
        let Some(Backup { forgotten, wiped }) = &self.backup else { return };
        (self.forgotten, self.wiped) = (forgotten.clone(), wiped.clone());
        let setting = |name: &str| -> bool {
            self.connection().pragma_query_value(None, name, |row| row.get(0)).unwrap()
        };
        let settings = ["foreign_keys", "recursive_triggers"].map(|name| (name, setting(name)));
        // The file is not open while it is replaced.
        let memory = rusqlite::Connection::open_in_memory().unwrap();
        let open = std::mem::replace(&mut self.database, Database::from_connection(memory).unwrap());
        open.close().unwrap();
        match how {
            PutBack::NewFile => {
                let new = self.folder.path().join("new");
                fs::copy(self.backup_path(), &new).unwrap();
                fs::rename(&new, self.path()).unwrap();
            }
            PutBack::Over { .. } => drop(fs::copy(self.backup_path(), self.path()).unwrap()),
        }
        self.database = super::open(&self.path());
        for (name, is_on) in settings {
            self.connection().pragma_update(None, name, is_on).unwrap();
        }
        let is_known = match how {
            PutBack::NewFile => {
                self.count("backups put back as new files");
                true
            }
            PutBack::Over { said: true } => {
                self.database.restored().unwrap();
                self.count("backups copied over and said");
                true
            }
            PutBack::Over { said: false } => {
                self.count("backups copied over in silence");
                false
            }
        };
        self.peer.put_back = Some(is_known);
        // The backup has the app's tables and the store of one moment.
        let found = self.database.create::<Notes>().unwrap().comparison;
        assert!(found.is_equal(), "{found}");
    }
}

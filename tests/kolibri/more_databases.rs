//! The databases in the folder that `SYNCLINE_DATA` names, beside those under `tests/fixtures`.
//!
//! Each `NAME.sqlite3.xz` in it is a Kolibri database. The test serialises it, and compares the result with
//! `NAME-serialized.sqlite3.xz`, which Morango serialised, if that is in the folder as well.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};

use syncline::Profile as _;
use syncline_kolibri::models::FacilityData;

use crate::compare::{Difference, differences, is_a_moved_record};
use crate::fixtures::Scratch;
use crate::program::serialize;

const TEST: &str = "serialising more Kolibri databases";

const ENDING: &str = ".sqlite3.xz";
const SERIALIZED: &str = "-serialized";

/// The databases in `folder` by their names.
fn databases(folder: &Path) -> BTreeMap<String, PathBuf> {
    let entries =
        folder.read_dir().unwrap_or_else(|error| panic!("SYNCLINE_DATA, {}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter_map(|path| Some((path.file_name()?.to_str()?.strip_suffix(ENDING)?.to_owned(), path)))
        .collect()
}

#[test]
fn more_databases_come_out_as_morango_left_them() {
    let Some(folder) = env::var_os("SYNCLINE_DATA").filter(|folder| !folder.is_empty()) else {
        skipped::skip(TEST, "set SYNCLINE_DATA to a folder of them (CONTRIBUTING.md)");
        return;
    };
    skipped::ran(TEST);
    let databases = databases(Path::new(&folder));
    let mut serialized = 0;
    for (name, packed) in databases.iter().filter(|(name, _)| !name.ends_with(SERIALIZED)) {
        let ours = Scratch::unpack(packed);
        let dirty = dirty_records(&ours);
        assert_eq!(serialize(ours.path(), &[])["records"], dirty, "{name}");
        assert_eq!(dirty_records(&ours), 0, "{name}");
        serialized += 1;
        if let Some(morangos) = databases.get(&format!("{name}{SERIALIZED}")) {
            let unexpected: Vec<_> = differences(Scratch::unpack(morangos).path(), ours.path())
                .into_iter()
                .filter(|difference| !is_a_moved_record(difference, ours.path()))
                .collect();
            let shown: String = unexpected.iter().take(10).map(Difference::to_string).collect();
            assert!(unexpected.is_empty(), "{name}: {} differences:\n{shown}", unexpected.len());
        }
    }
    assert!(serialized > 0, "SYNCLINE_DATA has no database: {}", Path::new(&folder).display());
}

/// The number of dirty rows in the app's tables.
fn dirty_records(database: &Scratch) -> i64 {
    let tables: BTreeSet<_> = FacilityData::MODELS.iter().map(|model| model.table).collect();
    tables
        .iter()
        .map(|table| database.one::<i64>(&format!("SELECT count(*) FROM {table} WHERE _morango_dirty_bit")))
        .sum()
}

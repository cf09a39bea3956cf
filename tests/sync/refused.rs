//! Syncs that are refused before anything is written.

use std::fs;

use syncline::prelude::*;
use syncline::sqlite::transfer::SyncError;

use crate::support::{Notes, Two, left_over, note, rows};

#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Tasks, model = "task", partition = "tasks")]
struct Task {
    id: RecordId,
    title: String,
}

profile! {
    Tasks = "tasks" { Task }
}

/// All that is in the sync tables, the clock's table of schema notes aside.
fn everything(database: &Database) -> Vec<Vec<String>> {
    let tables =
        rows(database.connection(), "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    tables
        .concat()
        .into_iter()
        .flat_map(|table| rows(database.connection(), &format!("SELECT * FROM {table}")))
        .collect()
}

#[test]
fn a_copied_file_is_refused_until_it_has_an_id_of_its_own() {
    let Two { folder, here, there } = Two::new();
    note(&here, "home", "before the copy");
    drop(there);
    here.close().unwrap();
    let (original, copy) = (folder.path().join("here.sqlite3"), folder.path().join("copy.sqlite3"));
    fs::copy(&original, &copy).unwrap();
    // `open` would notice that the file is another one.
    let mut here = Database::open_existing(&original).unwrap();
    let mut there = Database::open_existing(&copy).unwrap();
    let before = (everything(&here), everything(&there));
    for as_this_machine in [false, true] {
        let sync = here.sync::<Notes>().with(&mut there);
        let error = if as_this_machine { sync.as_this_machine().run() } else { sync.run() }.unwrap_err();
        assert!(matches!(error, SyncError::SameInstance { is_foreign: false, .. }), "{error:?}");
        let message = error.to_string();
        assert!(message.contains("`Database::restored` or the command `new-instance DB`"), "{message}");
        assert_eq!((everything(&here), everything(&there)), before);
    }
    there.restored().unwrap();
    let edited = note(&there, "home", "after the copy");
    here.sync::<Notes>().with(&mut there).run().unwrap();
    let mut two = Two { folder, here, there };
    assert!(crate::support::store(&two.here).keys().any(|id| id.contains(edited.as_str())));
    two.assert_agree();
}

#[test]
fn one_file_does_not_sync_with_itself() {
    let mut two = Two::new();
    let mut again = Database::open(&two.paths()[0]).unwrap();
    let error = two.here.sync::<Notes>().with(&mut again).run().unwrap_err();
    assert!(matches!(error, SyncError::SameInstance { .. }), "{error:?}");
    assert_eq!(left_over(&two.here), (0, 0, 0, 0));
}

#[test]
fn a_database_of_another_application_gets_no_hint_to_change_its_instance() {
    let two = Two::new();
    let paths = two.paths();
    two.here.connection().execute_batch("CREATE TABLE django_migrations (id, app, name)").unwrap();
    two.here.close().unwrap();
    drop(two.there);
    fs::copy(&paths[0], &paths[1]).unwrap();
    let mut here = Database::open_existing(&paths[0]).unwrap();
    let mut there = Database::open_existing(&paths[1]).unwrap();
    let error = here.sync::<Notes>().with(&mut there).as_this_machine().run().unwrap_err();
    let message = error.to_string();
    assert!(message.ends_with("let the application of the copy generate its ids anew"), "{message}");
    assert!(there.restored().is_err());
}

#[test]
fn a_database_of_another_profile_is_refused() {
    let mut two = Two::new();
    let mut other = Database::open(two.folder.path().join("tasks.sqlite3")).unwrap();
    other.create::<Tasks>().unwrap();
    let before = (everything(&two.here), everything(&other));
    let error = two.here.sync::<Notes>().with(&mut other).run().unwrap_err();
    assert!(matches!(error, SyncError::Peer(_)), "{error:?}");
    assert!(format!("{error:?}").contains("no table `notebook`"), "{error:?}");
    let error = two.here.sync::<Tasks>().with(&mut other).run().unwrap_err();
    assert!(matches!(error, SyncError::Store(_)), "{error:?}");
    assert_eq!((everything(&two.here), everything(&other)), before);
}

//! Tables so large that two threads search for dirty rows.

use super::Scratch;
use super::declarations::{Notes, note, notebook};

/// Notes of two notebooks with row ids as far apart as in a large table.
fn spread() -> Scratch {
    let scratch = Scratch::new();
    scratch.execute("BEGIN");
    for title in ["Home", "Work"] {
        let id = notebook(&scratch.database, title);
        for number in 0..60 {
            note(&scratch.database, id, &format!("{title} {number:02}"), None);
        }
    }
    // In two steps, so that no row id conflicts.
    scratch.execute(
        "UPDATE note SET rowid = 10000000 + rowid * 8192;
         UPDATE note SET rowid = rowid - 10000000;
         UPDATE note SET rowid = rowid + 1 WHERE title LIKE '%3';
         UPDATE note SET rowid = -7 WHERE title = 'Home 00';
         UPDATE note SET rowid = -9223372036854775808 WHERE title = 'Home 01';
         COMMIT",
    );
    scratch
}

#[test]
fn two_threads_find_all_that_is_dirty_and_nothing_else() {
    const EDIT: &str = "UPDATE note SET body = 'edited'";
    for edit in [
        "SELECT 1",
        &format!("{EDIT} WHERE rowid IN (SELECT max(rowid) FROM note)"),
        &format!("{EDIT} WHERE rowid % 3 = 0 OR rowid < 0"),
        EDIT,
        &format!(
            "UPDATE note SET rowid = 9223372036854775807 WHERE title = 'Work 59'; {EDIT} WHERE title LIKE '%9'"
        ),
    ] {
        for filter in [None, Some("Home")] {
            let mut scratch = spread();
            scratch.database.serialize::<Notes>().read_ahead(true).run().unwrap();
            assert_eq!(scratch.dirty_notes(), [""; 0]);
            scratch.execute(edit);
            let (wanted, rest): (Vec<_>, Vec<_>) = scratch
                .dirty_notes()
                .into_iter()
                .partition(|title| filter.is_none_or(|filter| title.starts_with(filter)));
            let partition: Vec<String> = scratch.all("SELECT id FROM notebook WHERE title = 'Home'");
            let serialize = scratch.database.serialize::<Notes>().read_ahead(true);
            let serialize =
                if filter.is_some() { serialize.filter(partition[0].as_str()) } else { serialize };
            let done = serialize.run().unwrap();
            assert_eq!((done.created, done.updated), (0, wanted.len() as u64), "{edit} {filter:?}");
            assert_eq!(scratch.dirty_notes(), rest, "{edit} {filter:?}");
            let saved: Vec<String> = scratch.all(
                "SELECT json_extract(serialized, '$.title') FROM morango_store
                 WHERE last_saved_counter = 2 AND json_extract(serialized, '$.body') = 'edited' ORDER BY 1",
            );
            assert_eq!(saved, wanted, "{edit} {filter:?}");
        }
    }
}

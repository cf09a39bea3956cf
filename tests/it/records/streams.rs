//! Records and store rows as sources of pipelines.

use rusqlite::Connection;
use syncline::{
    Access as _, Collect, Database, Pipeline, ReadRecords as _, ReadStore as _, RecordId, Source, from_iter,
    pipeline,
};

use super::Scratch;
use super::declarations::{Label, Note, Notebook, Notes, note, notebook};

fn titles(source: impl Source<Item = Note>) -> Vec<String> {
    let pipeline = Pipeline::new("titles", source).map(|note: Note| note.title);
    let mut titles = pipeline.end(Collect::new()).run().unwrap().output;
    titles.sort();
    titles
}

/// Two notebooks: one with 250 notes and one with three.
fn many() -> (Scratch, RecordId, RecordId) {
    let mut scratch = Scratch::new();
    let [home, work] = ["Home", "Work"].map(|title| notebook(&scratch.database, title));
    let transaction = scratch.database.connection_mut().transaction().unwrap();
    for (notebook_id, count) in [(home, 250), (work, 3)] {
        for number in 0..count {
            let title = format!("{number:03}");
            transaction.insert(&mut Note { notebook_id, title, ..Note::default() }).unwrap();
        }
    }
    transaction.commit().unwrap();
    (scratch, home, work)
}

#[test]
fn records_come_in_the_order_of_their_ids_whatever_the_page() {
    let (scratch, ..) = many();
    let expected: Vec<String> = scratch.all("SELECT id FROM note ORDER BY id");
    let notes = Pipeline::new("notes", Note::stream(&scratch.database));
    let ids: Vec<_> = notes.into_iter().map(|note| note.unwrap().id.to_string()).collect();
    assert_eq!(ids, expected);
}

#[test]
fn a_filter_lets_partitions_through() {
    let (scratch, home, work) = many();
    let db = &scratch.database;
    assert_eq!(titles(Note::stream(db)).len(), 253);
    assert_eq!(titles(Note::stream(db).filter(work.as_str())), ["000", "001", "002"]);
    assert_eq!(titles(Note::stream(db).filter(work.as_str()).filter(&format!("{home}:"))).len(), 253);
    assert_eq!(titles(Note::stream(db).filter("nobody")), [""; 0]);
    assert_eq!(titles(Note::stream(db).filter("")).len(), 253);
}

#[test]
fn only_what_has_changed_is_dirty() {
    let (mut scratch, _, work) = many();
    assert_eq!(titles(Note::dirty(&scratch.database)).len(), 253);
    scratch.database.serialize::<Notes>().filter(work.as_str()).run().unwrap();
    assert_eq!(titles(Note::dirty(&scratch.database)).len(), 250);
    scratch.serialize();
    scratch.execute("UPDATE note SET body = 'x' WHERE title = '001'");
    assert_eq!(titles(Note::dirty(&scratch.database)), ["001", "001"]);
    assert_eq!(titles(Note::dirty(&scratch.database).filter(work.as_str())), ["001"]);
}

pipeline! {
    /// Updates every note through the connection that reads them.
    Star(db: &Database) -> Vec<RecordId> {
        Note::stream(db)
            => map(|note| { let id = note.id; db.update(&Note { stars: note.stars + 1, ..note }).map(|_| id) })
            => map(|id| id.expect("a note can be starred"))
            => Collect::new()
    }
}

#[test]
fn what_is_read_may_be_written_meanwhile() {
    let (scratch, ..) = many();
    assert_eq!(Star::run(&scratch.database).unwrap().output.len(), 253);
    assert_eq!(scratch.all::<i64>("SELECT DISTINCT stars FROM note"), [1]);
}

#[test]
fn another_program_may_write_meanwhile() {
    let (scratch, home, _) = many();
    let shell = scratch.shell();
    let mut seen = Vec::new();
    let before: Vec<String> = scratch.all("SELECT id FROM note ORDER BY id");
    for note in Pipeline::new("notes", Note::stream(&scratch.database)) {
        if seen.is_empty() {
            // After the first page was read: deletes a later note, changes one, and inserts one at the end.
            shell.execute("DELETE FROM note WHERE id = ?1", [&before[200]]).unwrap();
            shell.execute("UPDATE note SET title = 'changed' WHERE id = ?1", [&before[201]]).unwrap();
            let sql = "INSERT INTO note (id, notebook_id, title, stars) VALUES (?1, ?2, 'last', 0)";
            shell.execute(sql, (format!("{:f>32}", ""), home.as_str())).unwrap();
        }
        seen.push(note.unwrap());
    }
    assert_eq!(seen.len(), 253);
    assert!(seen.iter().all(|note| note.id.as_str() != before[200]));
    assert_eq!(seen[200].title, "changed");
    assert_eq!(seen[252].title, "last");
}

#[test]
fn the_store_is_a_source_too() {
    let mut scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    let bread = note(&scratch.database, home, "Bread", None);
    let rye = note(&scratch.database, home, "Rye", Some(bread));
    let milk = note(&scratch.database, home, "Milk", None);
    let first = scratch.serialize();
    scratch.database.delete::<Note>(milk).unwrap();
    let second = scratch.serialize();
    scratch.execute("INSERT INTO morango_store SELECT serialized, deleted, last_saved_instance, last_saved_counter, \
        model_name, 'other', partition, hex(randomblob(16)), conflicting_serialized_data, _self_ref_fk, dirty_bit, \
        source_id, hard_deleted, NULL, NULL, NULL, NULL FROM morango_store");

    let db = &scratch.database;
    let stored: Vec<_> = Pipeline::new("store", Notes::store(db)).into_iter().map(Result::unwrap).collect();
    let mut ids = [home, bread, rye, milk];
    ids.sort();
    assert_eq!(stored.iter().map(|record| record.id).collect::<Vec<_>>(), ids);
    let of = |id| stored.iter().find(|record| record.id == id).unwrap();
    assert_eq!((of(rye).parent, of(rye).last_saved_counter), (Some(bread), first.counter));
    assert_eq!((of(milk).deleted, of(milk).last_saved_counter), (true, second.counter));
    assert_eq!(of(home).last_saved_instance, first.instance);
    assert!(of(bread).serialized.contains("\"title\": \"Bread\""));
    assert_eq!(of(bread).partition, format!("{home}:notes"));

    let models = |source: syncline::sqlite::StoredRecords<'_>| -> Vec<String> {
        Pipeline::new("store", source).into_iter().map(|record| record.unwrap().model_name).collect()
    };
    assert_eq!(models(Notes::store(db).of::<Notebook>()), ["notebook"]);
    assert_eq!(models(Notes::store(db).of::<Label>()), [""; 0]);
    assert_eq!(models(Notes::store(db).of::<Note>().filter(home.as_str())), ["note", "note", "note"]);
    assert_eq!(models(Notes::store(db).filter("nobody")), [""; 0]);
}

#[test]
fn the_store_is_read_by_pages() {
    let (mut scratch, ..) = many();
    scratch.serialize();
    let ids: Vec<String> = scratch.all("SELECT id FROM morango_store ORDER BY id");
    let stored = Pipeline::new("store", Notes::store(&scratch.database)).into_iter();
    assert_eq!(stored.map(|record| record.unwrap().id.to_string()).collect::<Vec<_>>(), ids);
    assert_eq!(ids.len(), 255);
}

#[test]
fn records_that_cannot_be_read_end_the_run_by_name() {
    let scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    let bread = note(&scratch.database, home, "Bread", None);
    scratch.execute_unchecked("UPDATE note SET stars = 'many'");
    let error =
        Pipeline::new("notes", Note::stream(&scratch.database)).end(Collect::new()).run().unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), format!("column `stars` of table `note`, record `{bread}`"));
    let error = scratch.database.get::<Note>(bread).unwrap_err();
    assert_eq!(error.to_string(), "a record cannot be read");
    // Any connection serves.
    let connection: &Connection = scratch.database.connection();
    assert_eq!(Pipeline::new("books", Notebook::stream(connection)).into_iter().count(), 1);
    let _ = from_iter([home]);
}

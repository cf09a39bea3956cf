//! A small notebook app: a tree of notes on two devices, edited by the app and with the `sqlite3` shell.
//!
//! ```text
//! cargo run --example notebook
//! ```
//!
//! simulates a day of two devices. Checks in the code fail if a result is not as described. To edit a notebook
//! yourself, name a file. The app creates it; each run serialises the changes since the last run and prints the notes:
//!
//! ```text
//! cargo run --example notebook -- notes.sqlite3
//! sqlite3 notes.sqlite3 "INSERT INTO note (notebook_id, title) SELECT id, 'Butter' FROM notebook"
//! sqlite3 notes.sqlite3 "UPDATE note SET body = 'salted' WHERE title = 'Butter'"
//! sqlite3 notes.sqlite3 "PRAGMA foreign_keys = ON; DELETE FROM note WHERE title = 'Bakery'"
//! cargo run --example notebook -- notes.sqlite3
//! ```
//!
//! The shell does not know syncline. Like every program that writes to the file, it runs the file's triggers: they also
//! compute ids. Only the effects of foreign keys need the pragma, because the shell does not enforce foreign keys by
//! default.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context as _, ensure};
use syncline::DatabaseError;
use syncline::prelude::*;
use syncline::rusqlite::Connection;
use syncline::sqlite::StoredRecord;

/// A notebook. Its id is computed from its title, so two devices that create a notebook with the same title create the
/// same record.
#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Notes, model = "notebook", partition = "{id}:notes", source_id = "{title}")]
struct Notebook {
    id: RecordId,
    title: String,
}

/// A note, in a notebook and optionally below another note.
#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
struct Note {
    id: RecordId,
    #[syncable(references = Notebook, on_delete = cascade)]
    notebook_id: RecordId,
    #[syncable(references = Note, on_delete = cascade)] // a tree: deleting a note deletes the notes below
    parent_id: Option<RecordId>,
    title: String,
    body: Option<String>,
    #[syncable(local, default = 0)] // not synced
    scroll_position: i64,
}

profile! {
    /// All models that sync.
    Notes = "notes" { Note, Notebook }
}

pipeline! {
    /// All notes of the database.
    ByParent(db: &Database) -> Vec<Note> {
        Note::stream(db) => Collect::new()
    }
}

pipeline! {
    /// The records that this device would send for `notebook`.
    Told(db: &Database, notebook: RecordId) -> Vec<StoredRecord> {
        Notes::store(db).filter(notebook.as_str()) => Collect::new()
    }
}

fn main() -> anyhow::Result<()> {
    let out = &mut io::stdout().lock();
    match std::env::args_os().nth(1) {
        Some(path) => session(path.as_ref(), out),
        None => run(out),
    }
}

/// Opens or creates the notebook file `path`, serialises the changes and prints the notes.
fn session(path: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let mut db = open(path)?;
    if ByParent::run(&db)?.output.is_empty() {
        let home = notebook(&db, "Home")?;
        let bakery = note(&db, home, None, "Bakery")?;
        note(&db, home, Some(bakery), "Bread")?;
    }
    let dirty = Pipeline::new("dirty", Note::dirty(&db)).into_iter().collect::<Result<Vec<_>, _>>()?;
    for note in dirty {
        writeln!(out, "changed: {}", note.title)?;
    }
    let serialized = db.serialize::<Notes>().run()?;
    let (created, updated, deleted) = (serialized.created, serialized.updated, serialized.deleted);
    writeln!(out, "serialised: {created} new, {updated} changed, {deleted} deleted\n")?;
    print_tree(&db, out)?;
    db.close()?;
    Ok(())
}

/// Simulates a day of two devices and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut phone = open(&folder.path().join("phone.sqlite3"))?;
    let mut laptop = open(&folder.path().join("laptop.sqlite3"))?;

    writeln!(out, "== Two devices, one notebook ==\n")?;
    let home = notebook(&phone, "Home")?;
    ensure!(notebook(&laptop, "Home")? == home, "the same title gives the same id on every device");
    let bakery = note(&phone, home, None, "Bakery")?;
    let bread = note(&phone, home, Some(bakery), "Bread")?;
    let rolls = note(&phone, home, Some(bakery), "Rolls")?;
    note(&laptop, home, None, "Dairy")?;
    let on_phone = phone.serialize::<Notes>().run()?;
    let on_laptop = laptop.serialize::<Notes>().run()?;
    ensure!((on_phone.created, on_laptop.created) == (4, 2), "every record is new");
    ensure!(on_phone.instance != on_laptop.instance, "each file has an instance of its own");
    writeln!(out, "on the phone, which counts as {}:", on_phone.instance)?;
    print_tree(&phone, out)?;
    writeln!(out, "\non the laptop, which counts as {}:", on_laptop.instance)?;
    print_tree(&laptop, out)?;

    writeln!(out, "\n== Somebody edits the phone's file, without this program ==\n")?;
    let shell = Connection::open(folder.path().join("phone.sqlite3"))?;
    shell.execute_batch(
        "PRAGMA foreign_keys = ON;
         UPDATE note SET body = 'Rye, half a loaf' WHERE title = 'Bread';
         UPDATE note SET scroll_position = 40 WHERE title = 'Rolls';
         INSERT INTO note (notebook_id, parent_id, title) SELECT notebook_id, id, 'Cake' FROM note WHERE title = 'Bakery'",
    )?;
    let changed = changed(&phone)?;
    writeln!(out, "changed: {}", changed.join(", "))?;
    ensure!(changed == ["Bread", "Cake"], "scrolling is no change");
    let cake: String = shell.query_row("SELECT id FROM note WHERE title = 'Cake'", [], |row| row.get(0))?;
    let identity = phone.identity::<Note>(RecordId::parse(&cake)?)?.context("the cake is there")?;
    writeln!(out, "the cake is {}, in the partition {}", identity.id, identity.partition)?;

    let refused = "INSERT INTO note (id, notebook_id, title) SELECT 'my-note', id, 'Jam' FROM notebook";
    let error = shell.execute_batch(refused).err().context("`my-note` is not an id")?;
    writeln!(out, "refused: {error}")?;
    shell.execute_batch("INSERT INTO notebook (title) VALUES ('Work')")?;
    let work: String =
        shell.query_row("SELECT id FROM notebook WHERE title = 'Work'", [], |row| row.get(0))?;
    ensure!(notebook(&laptop, "Work")?.as_str() == work, "the trigger and the app compute the same id");
    writeln!(out, "a notebook for work is {work}, whoever makes it")?;
    let serialized = phone.serialize::<Notes>().run()?;
    ensure!((serialized.created, serialized.updated) == (2, 1), "a cake, a notebook and a bread");

    writeln!(out, "\n== The bakery closes ==\n")?;
    shell.execute_batch("DELETE FROM note WHERE title = 'Bakery'")?;
    let serialized = phone.serialize::<Notes>().run()?;
    ensure!(serialized.deleted == 4, "the note and all notes below it");
    for stored in Told::run(&phone, home)?.output {
        let state = if stored.deleted { "deleted" } else { "alive" };
        writeln!(out, "{state}, counter {}: {}", stored.last_saved_counter, stored.serialized)?;
    }
    ensure!(
        phone.get::<Note>(bread)?.is_none() && phone.get::<Note>(rolls)?.is_none(),
        "the notes below were deleted as well"
    );
    ensure!(phone.serialize::<Notes>().run()?.records() == 0, "nothing is left to do");
    Ok(())
}

/// Opens a device's file. Creates what is missing: the file, the sync tables, the app's tables and the triggers.
fn open(path: &Path) -> Result<Database, DatabaseError> {
    let mut db = Database::open(path)?;
    db.create::<Notes>()?;
    Ok(db)
}

fn notebook(db: &Database, title: &str) -> Result<RecordId, DatabaseError> {
    let mut notebook = Notebook { title: title.to_owned(), ..Notebook::default() };
    db.insert(&mut notebook)?;
    Ok(notebook.id)
}

fn note(
    db: &Database,
    notebook_id: RecordId,
    parent_id: Option<RecordId>,
    title: &str,
) -> Result<RecordId, DatabaseError> {
    let mut note = Note { notebook_id, parent_id, title: title.to_owned(), ..Note::default() };
    db.insert(&mut note)?;
    Ok(note.id)
}

/// The titles of the notes that changed since they were last serialised, sorted.
fn changed(db: &Database) -> anyhow::Result<Vec<String>> {
    let dirty = Pipeline::new("dirty", Note::dirty(db)).map(|note: Note| note.title);
    let mut titles = dirty.into_iter().collect::<Result<Vec<_>, _>>()?;
    titles.sort();
    Ok(titles)
}

/// Prints the notes, each below its parent.
fn print_tree(db: &Database, out: &mut impl Write) -> anyhow::Result<()> {
    let mut below: BTreeMap<Option<RecordId>, Vec<Note>> = BTreeMap::new();
    for note in ByParent::run(db)?.output {
        below.entry(note.parent_id).or_default().push(note);
    }
    for notes in below.values_mut() {
        notes.sort_by(|one, other| one.title.cmp(&other.title));
    }
    print_below(&below, None, 1, out)
}

fn print_below(
    below: &BTreeMap<Option<RecordId>, Vec<Note>>,
    parent: Option<RecordId>,
    depth: usize,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    for Note { id, title, body, .. } in below.get(&parent).into_iter().flatten() {
        let body = body.as_ref().map(|body| format!(": {body}")).unwrap_or_default();
        writeln!(out, "{:indent$}{title}{body}", "", indent = 2 * depth)?;
        print_below(below, Some(*id), depth + 1, out)?;
    }
    Ok(())
}

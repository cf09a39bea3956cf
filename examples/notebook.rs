//! A small notebook app: notes in a tree, on two devices, edited by the app and by whoever has the `sqlite3` shell.
//!
//! ```text
//! cargo run --example notebook
//! ```
//!
//! plays a day of two devices, and fails when anything is not as it says. To edit a notebook yourself, name a file. It is
//! made, and each call serialises what changed since the last one and shows the notes:
//!
//! ```text
//! cargo run --example notebook -- notes.sqlite3
//! sqlite3 notes.sqlite3 "INSERT INTO note (notebook_id, title) SELECT id, 'Butter' FROM notebook"
//! sqlite3 notes.sqlite3 "UPDATE note SET body = 'salted' WHERE title = 'Butter'"
//! sqlite3 notes.sqlite3 "PRAGMA foreign_keys = ON; DELETE FROM note WHERE title = 'Bakery'"
//! cargo run --example notebook -- notes.sqlite3
//! ```
//!
//! The shell knows nothing of syncline. It runs the triggers that are in the file, as every program does that writes to it:
//! they work out the ids too.
//! Only what follows a foreign key takes the pragma: the shell does not enforce them by itself.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context as _, ensure};
use syncline::prelude::*;
use syncline::rusqlite::Connection;
use syncline::{DatabaseError, StoredRecord};

/// A notebook. Two devices that make one of the same title make the same one, since its id follows from that.
#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Notes, model = "notebook", partition = "{id}:notes", source_id = "{title}")]
struct Notebook {
    id: RecordId,
    title: String,
}

/// A note, in a notebook or below another note.
#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
struct Note {
    id: RecordId,
    #[syncable(references = Notebook, on_delete = cascade)]
    notebook_id: RecordId,
    #[syncable(references = Note, on_delete = cascade)] // a tree: what is below goes along
    parent_id: Option<RecordId>,
    title: String,
    body: Option<String>,
    #[syncable(local, default = 0)] // stays on this device
    scroll_position: i64,
}

profile! {
    /// Everything that syncs.
    Notes = "notes" { Note, Notebook }
}

pipeline! {
    /// The notes of some notebooks, by the note that they are below.
    ByParent(db: &Database) -> Vec<Note> {
        Note::stream(db) => Collect::new()
    }
}

pipeline! {
    /// What a device would tell another one about `notebook`.
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

/// Opens a notebook, or makes one, serialises what has changed in it and shows it.
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

/// A day of two devices. It prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut phone = open(&folder.path().join("phone.sqlite3"))?;
    let mut laptop = open(&folder.path().join("laptop.sqlite3"))?;

    writeln!(out, "== Two devices, one notebook ==\n")?;
    let home = notebook(&phone, "Home")?;
    ensure!(notebook(&laptop, "Home")? == home, "a title makes one id on every device");
    let bakery = note(&phone, home, None, "Bakery")?;
    let bread = note(&phone, home, Some(bakery), "Bread")?;
    let rolls = note(&phone, home, Some(bakery), "Rolls")?;
    note(&laptop, home, None, "Dairy")?;
    let on_phone = phone.serialize::<Notes>().run()?;
    let on_laptop = laptop.serialize::<Notes>().run()?;
    ensure!((on_phone.created, on_laptop.created) == (4, 2), "every record is new");
    ensure!(on_phone.instance != on_laptop.instance, "each file counts with a name of its own");
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
    let error = shell.execute_batch(refused).err().context("this is no id")?;
    writeln!(out, "refused: {error}")?;
    shell.execute_batch("INSERT INTO notebook (title) VALUES ('Work')")?;
    let work: String =
        shell.query_row("SELECT id FROM notebook WHERE title = 'Work'", [], |row| row.get(0))?;
    ensure!(notebook(&laptop, "Work")?.as_str() == work, "the trigger makes the id that the app makes");
    writeln!(out, "a notebook for work is {work}, whoever makes it")?;
    let serialized = phone.serialize::<Notes>().run()?;
    ensure!((serialized.created, serialized.updated) == (2, 1), "a cake, a notebook and a bread");

    writeln!(out, "\n== The bakery closes ==\n")?;
    shell.execute_batch("DELETE FROM note WHERE title = 'Bakery'")?;
    let serialized = phone.serialize::<Notes>().run()?;
    ensure!(serialized.deleted == 4, "with all that was below it");
    for stored in Told::run(&phone, home)?.output {
        let state = if stored.deleted { "deleted" } else { "alive" };
        writeln!(out, "{state}, counter {}: {}", stored.last_saved_counter, stored.serialized)?;
    }
    ensure!(
        phone.get::<Note>(bread)?.is_none() && phone.get::<Note>(rolls)?.is_none(),
        "nothing is left of it"
    );
    ensure!(phone.serialize::<Notes>().run()?.records() == 0, "nothing is left to do");
    Ok(())
}

/// Opens a device's file. What is missing is made: the file, the sync tables, the app's own tables, the triggers.
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

/// The titles of the notes that have changed since they were last serialised, sorted.
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

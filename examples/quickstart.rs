//! The main use: the changed records of an app go to its sync store.
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! The program declares two models and their profile, creates a database, inserts, edits and deletes records, and
//! serialises after each step. Checks in the code fail if a result is not as described.

use std::io::{self, Write};

use anyhow::ensure;
use syncline::prelude::*;
use syncline::{DatabaseError, Serialized};

/// A notebook: it contains notes.
#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Notes, model = "notebook", partition = "{id}:notes")]
struct Notebook {
    id: RecordId,
    title: String,
}

/// A note in a notebook.
#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
struct Note {
    id: RecordId,
    #[syncable(references = Notebook)]
    notebook_id: RecordId,
    title: String,
    body: Option<String>,
    #[syncable(references = Note)] // a tree: a note may have a parent note
    parent_id: Option<RecordId>,
    #[syncable(local)] // not synced
    scroll_position: i64,
}

syncline::profile! {
    /// All models, in any order: the profile sorts them by dependency.
    Notes = "notes" { Note, Notebook }
}

syncline::pipeline! {
    /// Prints a line for each note of the app. The output is their number.
    PrintNotes<W: Write>(database: &Database, out: &mut W) -> u64 {
        Note::stream(database)
            => map(|note| note.line())
            => for_each(|line: String| Ok(writeln!(out, "  {line}")?))
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    // Creates the file, the sync tables and this database's instance.
    let mut database = Database::open(folder.path().join("notes.sqlite3"))?;
    // Creates the app's tables and the triggers that track their changes.
    database.create::<Notes>()?;

    writeln!(out, "== One notebook and three notes, written by the app ==\n")?;
    let home = add_notebook(&database, "Home")?;
    let shopping = add_note(&database, home, "Shopping", None, None)?;
    let bread = add_note(&database, home, "Bread", Some("Rye, \u{bd} loaf"), Some(shopping))?;
    let milk = add_note(&database, home, "Milk", None, Some(shopping))?;
    // A pipeline without a sink is an iterator.
    for notebook in Pipeline::new("notebooks", Notebook::stream(&database)) {
        let Notebook { id, title } = notebook?;
        writeln!(out, "  notebook {}: {title}", start(&id))?;
    }
    let printed = PrintNotes::run(&database, out)?.output;
    ensure!(printed == 3, "there are three notes");
    let first = database.serialize::<Notes>().run()?;
    writeln!(out, "\n{first}\n")?;
    ensure!((first.created, first.updated, first.deleted) == (4, 0, 0), "all four records are new");

    writeln!(out, "== One note edited, one deleted, one scrolled ==\n")?;
    // Any program may write: this one or another one, with SQL or one record at a time.
    change(&database, "UPDATE note SET title = 'Two breads' WHERE id = ?1", bread)?;
    ensure!(database.delete::<Note>(milk)?, "the note `Milk` exists");
    change(&database, "UPDATE note SET scroll_position = 12 WHERE id = ?1", shopping)?;
    PrintNotes::run(&database, out)?;
    let second = database.serialize::<Notes>().run()?;
    writeln!(out, "\n{second}\n")?;
    ensure!((second.created, second.updated, second.deleted) == (0, 1, 1), "scrolling is no change");
    ensure!(second.counter == first.counter + 1, "each serialising has a counter of its own");

    writeln!(out, "== What the store has now ==\n")?;
    print_store(&database, out)?;
    check_store(&database, home, bread, shopping, milk)?;

    writeln!(out, "\n== Serialised again ==\n")?;
    let third = nothing_is_left(&mut database)?;
    writeln!(out, "{third}")?;
    database.close()?;
    Ok(())
}

impl Note {
    /// The note on one line.
    fn line(&self) -> String {
        let Self { id, notebook_id, title, body, parent_id, scroll_position } = self;
        let place = match parent_id {
            Some(parent) => format!("below {}", start(parent)),
            None => format!("in notebook {}", start(notebook_id)),
        };
        let body = body.as_deref().unwrap_or("-");
        format!("note {}, {place}: {title}: {body} (scrolled to {scroll_position})", start(id))
    }
}

/// The first digits of an id, which are enough to distinguish a few ids.
fn start(id: &RecordId) -> &str {
    &id.as_str()[..6]
}

fn add_notebook(database: &Database, title: &str) -> Result<RecordId, DatabaseError> {
    let mut notebook = Notebook { title: title.to_owned(), ..Notebook::default() };
    // Computes the id, from the partition and a random source id.
    database.insert(&mut notebook)?;
    Ok(notebook.id)
}

fn add_note(
    database: &Database,
    notebook_id: RecordId,
    title: &str,
    body: Option<&str>,
    parent_id: Option<RecordId>,
) -> Result<RecordId, DatabaseError> {
    let (title, body) = (title.to_owned(), body.map(str::to_owned));
    let mut note = Note { notebook_id, title, body, parent_id, ..Note::default() };
    database.insert(&mut note)?;
    Ok(note.id)
}

fn change(database: &Database, sql: &str, id: RecordId) -> anyhow::Result<()> {
    let changed = database.connection().execute(sql, [id.as_str()])?;
    ensure!(changed == 1, "`{sql}` changes one row, not {changed}");
    Ok(())
}

fn print_store(database: &Database, out: &mut impl Write) -> anyhow::Result<()> {
    let mut statement = database.connection().prepare(
        "SELECT model_name, deleted, last_saved_counter, _self_ref_order, serialized FROM morango_store \
         ORDER BY model_name DESC, _self_ref_order, serialized",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (model, deleted, counter): (String, bool, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (depth, serialized): (Option<i64>, String) = (row.get(3)?, row.get(4)?);
        let depth = depth.map_or_else(|| "-".to_owned(), |depth| depth.to_string());
        let state = if deleted { "deleted" } else { "alive" };
        writeln!(out, "{model}, {state}, saved with counter {counter}, depth {depth}\n  {serialized}")?;
    }
    Ok(())
}

/// Checks the store rows of the records that were written, edited and deleted.
fn check_store(
    database: &Database,
    notebook: RecordId,
    edited: RecordId,
    parent: RecordId,
    deleted: RecordId,
) -> anyhow::Result<()> {
    let read = |id: RecordId| -> rusqlite::Result<(String, String, bool)> {
        database.connection().query_row(
            "SELECT serialized, source_id, deleted FROM morango_store WHERE id = ?1",
            [id.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    };
    let (serialized, source_id, is_deleted) = read(edited)?;
    // The form that Python writes: a space behind `:` and `,`, and only ASCII.
    let expected = format!(
        "{{\"id\": \"{edited}\", \"_morango_source_id\": \"{source_id}\", \
         \"_morango_partition\": \"{notebook}:notes\", \"notebook_id\": \"{notebook}\", \
         \"title\": \"Two breads\", \"body\": \"Rye, \\u00bd loaf\", \"parent_id\": \"{parent}\"}}"
    );
    ensure!(serialized == expected, "the store has {serialized}");
    ensure!(!is_deleted, "an edited note is alive");
    let (serialized, _, is_deleted) = read(deleted)?;
    ensure!(is_deleted && serialized.contains("\"Milk\""), "a deleted note is marked, and its text kept");
    Ok(())
}

/// Checks that no record is dirty, and serialises again.
fn nothing_is_left(database: &mut Database) -> Result<Serialized, anyhow::Error> {
    let dirty = |database: &Database| -> Result<u64, DatabaseError> {
        Ok(database.status::<Notes>()?.iter().map(|model| model.dirty).sum())
    };
    ensure!(dirty(database)? == 0, "no record is dirty");
    let serialized = database.serialize::<Notes>().run()?;
    ensure!(serialized.records() == 0 && serialized.deleted == 0, "nothing was left to do");
    Ok(serialized)
}

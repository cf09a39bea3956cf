//! The command `tracking`: the cost of change tracking. Runs the same writes with triggers and without, in turns.
//!
//! Measures processor time, so that other programs on the machine matter little.

use std::path::Path;

use anyhow::Context as _;
use clap::Args;
use rusqlite::Connection;
use syncline::{Access as _, Database, RecordId, Syncable, profile};

use crate::usage::Usage;

/// The arguments of `tracking`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The number of rows that are inserted, updated and deleted in each round
    #[arg(long, default_value_t = 20_000)]
    rows: u32,

    /// The number of rounds; medians are printed
    #[arg(long, default_value_t = 9)]
    rounds: usize,
}

#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Notes, model = "notebook", partition = "{id}:notes")]
struct Notebook {
    id: RecordId,
    title: String,
}

#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
struct Note {
    id: RecordId,
    #[syncable(references = Notebook)]
    notebook_id: RecordId,
    title: String,
    body: Option<String>,
    #[syncable(references = Note)]
    parent_id: Option<RecordId>,
    #[syncable(local, default = 0)]
    scroll_position: i64,
}

profile! { Notes = "notes" { Note, Notebook } }

/// The variants of a table that are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Tracking {
    /// No triggers.
    None,
    /// The tracking triggers.
    Triggers,
    /// The tracking triggers and a unique key, which needs one more trigger.
    TriggersAndKey,
    /// No triggers, and the same unique key.
    Key,
}

const KINDS: [Tracking; 4] = [Tracking::None, Tracking::Triggers, Tracking::Key, Tracking::TriggersAndKey];

/// The measured statements. Each is executed for every row, in one transaction.
const STEPS: [(&str, &str); 6] = [
    ("insert", ""),
    ("update of a clean row", "UPDATE note SET title = title || 'x' WHERE id = ?1"),
    ("update of a dirty row", "UPDATE note SET title = title || 'y' WHERE id = ?1"),
    ("update of a local column", "UPDATE note SET scroll_position = 1 WHERE id = ?1"),
    ("delete", "DELETE FROM note WHERE id = ?1"),
    (
        "insert without an id",
        "INSERT INTO note (notebook_id, title, body) \
         VALUES ((SELECT id FROM notebook), ?1, 'Rye, half a loaf, and butter')",
    ),
];

/// The command `tracking`: measures, and prints a Markdown table.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { rows, rounds } = *arguments;
    let folder = tempfile::tempdir()?;
    let mut taken = vec![[const { Vec::new() }; KINDS.len()]; STEPS.len()];
    for round in 0..rounds {
        // The order rotates, so that each variant begins equally often.
        for turn in 0..KINDS.len() {
            let kind = (round + turn) % KINDS.len();
            let path = folder.path().join(format!("{round}-{kind}.sqlite3"));
            let seconds = measure(&path, KINDS[kind], rows).with_context(|| format!("{:?}", KINDS[kind]))?;
            for (step, seconds) in seconds.into_iter().enumerate() {
                taken[step][kind].push(seconds);
            }
        }
    }
    eprintln!("| CPU µs a row | without | with triggers | | with a unique key, without | with triggers | |");
    eprintln!("|---|---|---|---|---|---|---|");
    for ((step, _), taken) in STEPS.iter().zip(&mut taken) {
        let [none, triggers, key, both] =
            taken.each_mut().map(|seconds| median(seconds) * 1e6 / f64::from(rows));
        eprintln!(
            "| {step} | {none:.1} | {triggers:.1} | {:.2} | {key:.1} | {both:.1} | {:.2} |",
            triggers / none,
            both / key
        );
    }
    Ok(())
}

fn median(seconds: &mut [f64]) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// The processor time of this process in seconds.
fn processor_time() -> anyhow::Result<f64> {
    Ok(Usage::of_this_process()?.cpu.as_secs_f64())
}

/// Measures the seconds of each step.
fn measure(path: &Path, tracking: Tracking, rows: u32) -> anyhow::Result<Vec<f64>> {
    let mut database = Database::open(path)?;
    database.create::<Notes>()?;
    if matches!(tracking, Tracking::Key | Tracking::TriggersAndKey) {
        database.connection().execute_batch("CREATE UNIQUE INDEX title ON note (title, id)")?;
        database.create::<Notes>()?;
    }
    database.connection().pragma_update(None, "synchronous", "normal")?;
    let mut notebook = Notebook::default();
    database.insert(&mut notebook)?;
    // One trigger reads the store, so the store gets as many records.
    let transaction = database.connection_mut().transaction()?;
    insert(&transaction, &notebook, &random_ids(rows))?;
    transaction.commit()?;
    database.serialize::<Notes>().run()?;
    if matches!(tracking, Tracking::None | Tracking::Key) {
        drop_triggers(database.connection())?;
    }
    let ids = random_ids(rows);

    let mut seconds = Vec::new();
    for (step, (_, sql)) in STEPS.iter().enumerate() {
        let start = processor_time()?;
        let transaction = database.connection_mut().transaction()?;
        if step == 0 {
            insert(&transaction, &notebook, &ids)?;
        } else {
            for id in &ids {
                transaction.prepare_cached(sql)?.execute([id])?;
            }
        }
        transaction.commit()?;
        seconds.push(processor_time()? - start);
        if step == 0 {
            database.serialize::<Notes>().run()?;
        }
    }
    Ok(seconds)
}

fn random_ids(count: u32) -> Vec<String> {
    (0..count).map(|_| RecordId::random().to_string()).collect()
}

fn insert(connection: &Connection, notebook: &Notebook, ids: &[String]) -> anyhow::Result<()> {
    let partition = format!("{}:notes", notebook.id);
    for (number, id) in ids.iter().enumerate() {
        connection
            .prepare_cached(
                "INSERT INTO note (id, notebook_id, title, body, _morango_source_id, _morango_partition) \
                 VALUES (?1, ?2, ?3, 'Rye, half a loaf, and butter', ?1, ?4)",
            )?
            .execute((id, notebook.id.as_str(), format!("note {number}"), &partition))?;
    }
    Ok(())
}

fn drop_triggers(connection: &Connection) -> anyhow::Result<()> {
    let names: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for name in names {
        connection.execute_batch(&format!("DROP TRIGGER \"{name}\""))?;
    }
    Ok(())
}

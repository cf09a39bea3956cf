//! `syncline-floor`: a lower bound for the time of serialising a Kolibri database.
//!
//! Straight-line code for Kolibri's tables alone, with every safe optimisation. The library is measured against it. It uses none
//! of the library's streams, models and stores, only its JSON codec and the types of Kolibri's columns.
//!
//! Like the library it works in one transaction, does not change `synchronous` or other settings of the file, and uses 8 MiB of
//! page cache. If it is killed, the database is as before the run or as after it.

mod format;
mod models;
mod read;
mod tricks;
mod write;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{channel, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, ensure};
use clap::Parser;
use rusqlite::{Connection, OpenFlags};
use syncline::filter::Filter;

use read::{BATCH_ROWS, Batch, Listed, Plan};
use tricks::{Trick, Tricks};
use write::{Stamp, Writer, Written};

/// Serialises a Kolibri database as fast as is known.
#[derive(Debug, Parser)]
struct Arguments {
    /// The database.
    database: PathBuf,
    /// Only records whose partition begins with this prefix.
    #[arg(long = "filter")]
    filters: Vec<String>,
    /// Use a trick that is off by default.
    #[arg(long, value_delimiter = ',')]
    with: Vec<Trick>,
    /// Turn a trick off.
    #[arg(long, value_delimiter = ',')]
    without: Vec<Trick>,
    /// The page cache of the connection that writes, in KiB.
    #[arg(long, default_value_t = 6 * 1024)]
    writer_cache: i64,
    /// The page cache of the connection that reads, in KiB.
    #[arg(long, default_value_t = 2 * 1024)]
    reader_cache: i64,
    /// The page cache, and the memory to sort in, while an index is built, in KiB.
    #[arg(long, default_value_t = 3 * 1024)]
    index_cache: i64,
    /// Commit after this many chunks of 500 records, and continue.
    #[arg(long)]
    commit_every: Option<usize>,
    /// Read and format without writing.
    #[arg(long)]
    only_read: bool,
    /// Print the time of each part.
    #[arg(long)]
    verbose: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let written = serialize(&arguments)?;
    let Written { created, updated, deleted, hard_deleted } = written;
    eprintln!("{created} created, {updated} updated, {deleted} deleted, {hard_deleted} hard deleted");
    Ok(())
}

fn open(path: &Path, cache_kib: i64) -> anyhow::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    Ok(connection)
}

/// Prints the times of parts.
struct Clock {
    verbose: bool,
    start: Instant,
}

impl Clock {
    fn lap(&mut self, part: &str) {
        if self.verbose {
            eprintln!("{part}: {:.3} s", self.start.elapsed().as_secs_f64());
        }
        self.start = Instant::now();
    }
}

fn serialize(arguments: &Arguments) -> anyhow::Result<Written> {
    let mut clock = Clock { verbose: arguments.verbose, start: Instant::now() };
    let tricks = Tricks::new(&arguments.with, &arguments.without);
    let mut filter = Filter::everything();
    for prefix in &arguments.filters {
        filter.add(prefix);
    }
    let connection = open(&arguments.database, arguments.writer_cache)?;
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    ensure!(mode == "wal", "the floor is for databases in WAL mode");
    if arguments.only_read {
        let plan = read::plan(&connection, None, filter.ranges().as_deref())?;
        clock.lap("plan");
        let mut bytes = 0;
        let mut rows = 0;
        read::read(&connection, &plan, &filter, &tricks, |mut batch| {
            bytes += batch.text.len();
            rows += batch.rows.len();
            batch.clear();
            Ok(Some(batch))
        })?;
        clock.lap("read");
        eprintln!("{rows} rows, {bytes} bytes");
        return Ok(Written::default());
    }

    let written = match arguments.commit_every {
        None => work(&connection, arguments, &filter, &tricks, &mut clock)?,
        Some(chunks) => work_in_parts(&connection, arguments, chunks, &filter, &tricks)?,
    };
    connection.close().map_err(|(_, error)| error)?;
    clock.lap("close");
    Ok(written)
}

/// Serialises in one transaction.
fn work(
    connection: &Connection,
    arguments: &Arguments,
    filter: &Filter,
    tricks: &Tricks,
    clock: &mut Clock,
) -> anyhow::Result<Written> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    // The first connection holds the write lock, so the second sees the same data until it ends.
    let mut second = if tricks.has(Trick::Reader) {
        let reader = open(&arguments.database, arguments.reader_cache)?;
        reader.execute_batch("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1")?;
        Some(reader)
    } else {
        None
    };
    clock.lap("open");
    let stamp = stamp(connection)?;
    let ranges = filter.ranges();
    let plan = match &mut second {
        Some(reader) if tricks.has(Trick::ListByTwo) => {
            read::plan(connection, Some(reader), ranges.as_deref())?
        }
        second => read::plan(second.as_ref().unwrap_or(connection), None, ranges.as_deref())?,
    };
    clock.lap("plan");

    let is_many = match &plan {
        Plan::Few(listed) => listed.len() > 1000,
        Plan::Many(_) => true,
    };
    let is_empty = |table: &str| {
        connection.query_row(&format!("SELECT NOT EXISTS (SELECT 1 FROM {table})"), [], |row| row.get(0))
    };
    let store_is_new: bool = is_empty("morango_store")?;
    let count_later =
        tricks.has(Trick::BulkCounters) && store_is_new && is_empty("morango_recordmaxcounter")?;
    let mut rebuilt = Vec::new();
    if store_is_new && is_many {
        let indexes = [
            (Trick::RebuildPartitions, "idx_morango_store_partition"),
            (Trick::RebuildTransfers, "morango_store_last_transfer_session_id_258a67a1"),
        ];
        for (trick, name) in indexes {
            if tricks.has(trick) {
                rebuilt.push(drop_index(connection, name)?);
            }
        }
    }
    // An open query keeps its page in the cache: the last page of the schema, to which an index is added later.
    let mut pin = connection.prepare("SELECT 1 FROM sqlite_schema ORDER BY rowid DESC")?;
    let mut pinned = pin.query([])?;
    if tricks.has(Trick::Warm) && !rebuilt.is_empty() {
        pinned.next()?;
    }
    if tricks.has(Trick::EarlySync) && is_many {
        sync_early(&arguments.database)?;
    }

    let mut writer = Writer::new(connection, &stamp, store_is_new, count_later, tricks)?;
    second = match second {
        Some(reader) if tricks.has(Trick::Thread) && is_many => {
            Some(read_beside(reader, &plan, filter, tricks, &mut writer)?)
        }
        second => {
            let reader = second.as_ref().unwrap_or(connection);
            read::read(reader, &plan, filter, tricks, |mut batch| {
                writer.write(&batch)?;
                batch.clear();
                Ok(Some(batch))
            })?;
            second
        }
    };
    let mut written = writer.finish();
    clock.lap("records");
    if count_later {
        write::count_all(connection, &stamp, tricks)?;
        clock.lap("counters");
    }
    let reader = second.as_ref().unwrap_or(connection);
    write::delete(connection, reader, &stamp, &mut written, tricks)?;
    write::save_database_counters(connection, &stamp, filter)?;
    clock.lap("deletions");
    // An open reader would prevent the checkpoint.
    drop(second);
    write::clear_dirty_bits(connection, plan, filter, tricks)?;
    clock.lap("dirty bits");
    drop(pinned);
    if !rebuilt.is_empty() {
        // The sorter takes as much memory as the cache, and the pages that are read now are read once.
        connection.pragma_update(None, "cache_size", -arguments.index_cache)?;
    }
    for sql in rebuilt {
        connection.execute_batch(&sql)?;
    }
    clock.lap("indexes");
    connection.execute_batch("COMMIT")?;
    clock.lap("commit");
    Ok(written)
}

/// Serialises in several transactions, each with its own counter, in the order of ids. Deletions come last.
fn work_in_parts(
    connection: &Connection,
    arguments: &Arguments,
    chunks: usize,
    filter: &Filter,
    tricks: &Tricks,
) -> anyhow::Result<Written> {
    let reader = open(&arguments.database, arguments.reader_cache)?;
    if tricks.has(Trick::EarlySync) {
        sync_early(&arguments.database)?;
    }
    let mut plan = Plan::Many(String::new());
    let mut sum = Written::default();
    loop {
        let start = Instant::now();
        connection.execute_batch("BEGIN IMMEDIATE")?;
        reader.execute_batch("BEGIN")?;
        let stamp = stamp(connection)?;
        let store_is_new =
            connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM morango_store)", [], |row| row.get(0))?;
        let mut writer = Writer::new(connection, &stamp, store_is_new, false, tricks)?;
        let mut listed = Vec::with_capacity(chunks * BATCH_ROWS);
        let mut after = None;
        read::read(&reader, &plan, filter, tricks, |mut batch| {
            writer.write(&batch)?;
            listed.extend(batch.rows.iter().map(|row| Listed { id: 0, model: row.model, rowid: row.rowid }));
            if listed.len() >= chunks * BATCH_ROWS {
                after = batch.rows.last().map(|row| row.id.to_string());
                return Ok(None);
            }
            batch.clear();
            Ok(Some(batch))
        })?;
        let mut written = writer.finish();
        if after.is_none() {
            write::delete(connection, &reader, &stamp, &mut written, tricks)?;
        }
        write::save_database_counters(connection, &stamp, filter)?;
        write::clear_dirty_bits(connection, Plan::Few(listed), filter, tricks)?;
        reader.execute_batch("COMMIT")?;
        connection.execute_batch("COMMIT")?;
        sum.add(&written);
        let Some(after) = after else { return Ok(sum) };
        plan = Plan::Many(after);
        // Other programs poll for the lock, so it has to be free for a moment.
        std::thread::sleep((start.elapsed() / 10).min(LONGEST_PAUSE));
    }
}

/// The longest pause between two transactions.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Reads and formats on a second thread, and writes on this one.
fn read_beside(
    reader: Connection,
    plan: &Plan,
    filter: &Filter,
    tricks: &Tricks,
    writer: &mut Writer<'_>,
) -> anyhow::Result<Connection> {
    std::thread::scope(|scope| {
        let (full, filled) = sync_channel::<Batch>(2);
        let (empty, emptied) = channel::<Batch>();
        for _ in 0..3 {
            empty.send(Batch::default())?;
        }
        let thread = scope.spawn(move || {
            read::read(&reader, plan, filter, tricks, |batch| {
                full.send(batch)?;
                Ok(Some(emptied.recv()?))
            })?;
            anyhow::Ok(reader)
        });
        let mut written = Ok(());
        for mut batch in filled {
            written = writer.write(&batch);
            if written.is_err() {
                break;
            }
            batch.clear();
            // The reader may have ended, which is no error.
            let _ = empty.send(batch);
        }
        let reader = thread.join().map_err(|_| anyhow!("the reader panicked"))?;
        written?;
        reader
    })
}

/// Syncs the log to the disk while it grows, so that the commit waits less.
///
/// Closing the file here drops no lock of SQLite's: SQLite locks other files, not the log.
fn sync_early(database: &Path) -> anyhow::Result<()> {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let log = std::fs::File::open(log)?;
    std::thread::spawn(move || {
        while log.sync_data().is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    Ok(())
}

/// Takes the next counter of the current instance.
fn stamp(connection: &Connection) -> anyhow::Result<Stamp> {
    let mut statement = connection.prepare(
        "UPDATE morango_instanceidmodel SET counter = counter + 1 WHERE current RETURNING id, counter",
    )?;
    let mut rows = statement.query([])?;
    let row = rows.next()?.context("no instance is current")?;
    let stamp = Stamp { instance: row.get(0)?, counter: row.get(1)? };
    ensure!(rows.next()?.is_none(), "several instances are current");
    Ok(stamp)
}

/// Drops an index, and returns the statement that creates it.
fn drop_index(connection: &Connection, name: &str) -> anyhow::Result<String> {
    let sql = connection
        .query_row("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?1", [name], |row| {
            row.get(0)
        })
        .with_context(|| format!("no index {name}"))?;
    connection.execute_batch(&format!("DROP INDEX {name}"))?;
    Ok(sql)
}

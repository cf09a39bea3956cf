//! Finds the dirty rows, and reads and formats them in the order of their ids.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, anyhow};
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
use rusqlite::{Connection, Row, params_from_iter};
use syncline::RecordId;
use syncline::filter::{Filter, PartitionRange};

use crate::format::Format;
use crate::models::{MODELS, Model};
use crate::tricks::{Trick, Tricks};

/// The most rows that are listed by a pass over the tables; at most a third of all rows. More are read through the tables' indexes
/// of their ids.
const LISTED: usize = 40_000;

/// Rows in a batch, at most.
pub(crate) const BATCH_ROWS: usize = 500;
const BATCH_BYTES: usize = 512 * 1024;

/// A dirty row: id, model and rowid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listed {
    pub(crate) id: u64,
    pub(crate) model: u8,
    pub(crate) rowid: i64,
}

/// The way to find the dirty rows.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Few: listed in the order of their ids.
    Few(Vec<Listed>),
    /// Many: all rows with greater ids than this one.
    Many(String),
}

/// A batch of formatted rows.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) text: String,
    pub(crate) rows: Vec<Formatted>,
}

/// A formatted row of a batch.
#[derive(Debug)]
pub(crate) struct Formatted {
    pub(crate) model: u8,
    pub(crate) rowid: i64,
    pub(crate) id: RecordId,
    pub(crate) parent: Option<RecordId>,
    pub(crate) serialized: Range<usize>,
    pub(crate) partition: Range<usize>,
    pub(crate) source_id: Range<usize>,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.rows.len() >= BATCH_ROWS || self.text.len() >= BATCH_BYTES
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.rows.clear();
    }

    fn push(&mut self, model: usize, format: &mut Format, row: &Row<'_>) -> anyhow::Result<()> {
        let id = |column: usize| -> anyhow::Result<Option<RecordId>> {
            Ok(row.get_ref(column)?.as_str_or_null()?.map(RecordId::parse).transpose()?)
        };
        let (name, parent) = (format.id, format.parent);
        let start = self.text.len();
        format.write(row, &mut self.text)?;
        let serialized = start..self.text.len();
        self.text.push_str(row.get_ref(format.partition)?.as_str()?);
        let partition = serialized.end..self.text.len();
        self.text.push_str(row.get_ref(format.source_id)?.as_str()?);
        let source_id = partition.end..self.text.len();
        self.rows.push(Formatted {
            model: u8::try_from(model)?,
            rowid: row.get(MODELS[model].columns.len())?,
            id: id(name)?.context("a row without an id")?,
            parent: parent.map(id).transpose()?.flatten(),
            serialized,
            partition,
            source_id,
        });
        Ok(())
    }
}

/// The number of rows from which two threads list them.
const ROWS_FOR_TWO: usize = 100_000;

/// The number of rowids that one of two threads takes at a time.
const PIECE: i64 = 8192;

/// The page cache during the pass over the tables. Each page is read once, and fresh memory is slow.
const PLANNING_KIB: i64 = 512;

/// Lists the dirty rows by one pass over the tables, with a thread for each connection.
pub(crate) fn plan(
    connection: &Connection,
    other: Option<&mut Connection>,
    ranges: Option<&[PartitionRange]>,
) -> anyhow::Result<Plan> {
    let largest = |model: &Model| -> rusqlite::Result<i64> {
        let sql = format!("SELECT max(rowid) FROM {}", model.table);
        connection.query_row(&sql, [], |row| Ok(row.get::<_, Option<i64>>(0)?.unwrap_or(0)))
    };
    let ends = MODELS.iter().map(largest).collect::<Result<Vec<_>, _>>()?;
    let all = usize::try_from(ends.iter().sum::<i64>())?;
    let few = LISTED.min(all / 3);
    let other = other.filter(|_| all >= ROWS_FOR_TWO);
    let (length, bounds) = match &other {
        Some(_) => (PIECE, " AND rowid BETWEEN ? AND ?"),
        None => (i64::MAX, ""),
    };
    let pieces: Vec<(usize, i64)> = ends
        .iter()
        .enumerate()
        .flat_map(|(model, &last)| {
            (0..=last).step_by(usize::try_from(length).unwrap_or(1)).map(move |first| (model, first))
        })
        .collect();
    let (taken, found) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let list = |connection: &Connection| -> anyhow::Result<Vec<Listed>> {
        let cache: i64 = connection.pragma_query_value(None, "cache_size", |row| row.get(0))?;
        connection.pragma_update(None, "cache_size", -PLANNING_KIB)?;
        let mut listed = Vec::new();
        let mut prepared = None;
        while let Some(&(model, first)) = pieces.get(taken.fetch_add(1, Ordering::Relaxed)) {
            let declared = &MODELS[model];
            let mut statement = match prepared.take() {
                Some((of, statement)) if of == model => statement,
                _ => connection.prepare(&format!(
                    "SELECT rowid, id, _morango_partition FROM {} WHERE {}{bounds}",
                    declared.table,
                    dirty(declared)
                ))?,
            };
            let mut rows = statement.query(params_from_iter(
                [first, first.saturating_add(length - 1)].iter().filter(|_| !bounds.is_empty()),
            ))?;
            while let Some(row) = rows.next()? {
                if !wanted(ranges, row, 2)? {
                    continue;
                }
                if found.fetch_add(1, Ordering::Relaxed) >= few {
                    break;
                }
                let id = RecordId::parse(row.get_ref(1)?.as_str()?)?;
                let id = u64::from_str_radix(&id.as_str()[..16], 16)?;
                listed.push(Listed { id, model: u8::try_from(model)?, rowid: row.get(0)? });
            }
            drop(rows);
            if found.load(Ordering::Relaxed) > few {
                break;
            }
            prepared = Some((model, statement));
        }
        connection.pragma_update(None, "cache_size", cache)?;
        Ok(listed)
    };
    let mut listed = match other {
        None => list(connection)?,
        Some(other) => std::thread::scope(|scope| {
            let list = &list;
            let beside = scope.spawn(move || list(other));
            let mut listed = list(connection)?;
            listed.extend(beside.join().map_err(|_| anyhow!("the other thread panicked"))??);
            anyhow::Ok(listed)
        })?,
    };
    if found.into_inner() > few {
        return Ok(Plan::Many(String::new()));
    }
    listed.sort_unstable();
    Ok(Plan::Few(listed))
}

/// The SQL condition of a model's dirty rows.
pub(crate) fn dirty(model: &Model) -> String {
    match model.kind {
        None => "_morango_dirty_bit".to_owned(),
        Some(kind) => format!("_morango_dirty_bit AND kind = '{kind}'"),
    }
}

fn wanted(ranges: Option<&[PartitionRange]>, row: &Row<'_>, column: usize) -> anyhow::Result<bool> {
    let Some(ranges) = ranges else { return Ok(true) };
    let partition = row.get_ref(column)?.as_str()?;
    let behind = ranges.partition_point(|range| *range.from <= *partition);
    Ok(behind > 0 && ranges[behind - 1].to.as_ref().is_none_or(|to| partition < to.as_str()))
}

fn select(model: &Model) -> String {
    let columns: Vec<_> = model.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    format!("SELECT {}, rowid FROM {}", columns.join(", "), model.table)
}

/// Reads the rows of `plan`. `full` takes each batch and returns an empty one, or `None` to stop.
pub(crate) fn read(
    connection: &Connection,
    plan: &Plan,
    filter: &Filter,
    tricks: &Tricks,
    mut full: impl FnMut(Batch) -> anyhow::Result<Option<Batch>>,
) -> anyhow::Result<()> {
    let mut formats: Vec<_> = MODELS.iter().map(Format::new).collect();
    let mut batch = Batch::default();
    match plan {
        Plan::Few(listed) => {
            let mut statements: Vec<_> = MODELS.iter().map(|_| None).collect();
            for row in listed {
                let model = usize::from(row.model);
                let statement = match &mut statements[model] {
                    Some(statement) => statement,
                    none => none
                        .insert(connection.prepare(&format!("{} WHERE rowid = ?1", select(&MODELS[model])))?),
                };
                let mut rows = statement.query([row.rowid])?;
                let found = rows.next()?.ok_or_else(|| anyhow!("a row went away"))?;
                batch.push(model, &mut formats[model], found)?;
                if batch.is_full() {
                    let Some(empty) = full(batch)? else { return Ok(()) };
                    batch = empty;
                }
            }
        }
        Plan::Many(after) => {
            let ranges = filter.ranges();
            let ranges = ranges.as_deref();
            let in_order = tricks.has(Trick::IdOrder);
            let order = if in_order { " ORDER BY id" } else { "" };
            let mut statements = MODELS
                .iter()
                .map(|model| {
                    connection.prepare(&format!(
                        "{} WHERE {} AND id > ?1{order}",
                        select(model),
                        dirty(model)
                    ))
                })
                .collect::<Result<Vec<_>, _>>()?;
            let mut sources = statements
                .iter_mut()
                .map(|statement| statement.query([after]))
                .collect::<Result<Vec<_>, _>>()?;
            let mut heads = BinaryHeap::with_capacity(sources.len());
            for (model, rows) in sources.iter_mut().enumerate() {
                rows.advance()?;
                if let Some(row) = rows.get() {
                    let id = if in_order { key(row, formats[model].id)? } else { 0 };
                    heads.push(Reverse((id, model)));
                }
            }
            while let Some(mut head) = heads.peek_mut() {
                let Reverse((id, model)) = &mut *head;
                let (rows, format) = (&mut sources[*model], &mut formats[*model]);
                let row = rows.get().context("the head of a source")?;
                if wanted(ranges, row, format.partition)? {
                    batch.push(*model, format, row)?;
                }
                rows.advance()?;
                match rows.get() {
                    None => drop(std::collections::binary_heap::PeekMut::pop(head)),
                    Some(row) if in_order => *id = key(row, format.id)?,
                    Some(_) => {}
                }
                if batch.is_full() {
                    let Some(empty) = full(batch)? else { return Ok(()) };
                    batch = empty;
                }
            }
        }
    }
    if !batch.rows.is_empty() {
        full(batch)?;
    }
    Ok(())
}

/// The first half of an id as a number, for sorting.
fn key(row: &Row<'_>, column: usize) -> anyhow::Result<u64> {
    let id = row.get_ref(column)?.as_bytes()?;
    Ok(id
        .iter()
        .take(16)
        .fold(0, |key, byte| (key << 4) | (u64::from(byte & 0xf) + 9 * u64::from(byte >> 6))))
}

//! `WaitingRows`: the source of the dirty rows of the store.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Row, params};
use syncline_core::{Emit, Halt, Progress, Source};
use syncline_serializer::deserialize::{StoreText, Waiting};
use syncline_serializer::filter::PartitionRange;
use syncline_serializer::model::Profile;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::{CHUNK, CHUNK_BYTES};

use super::leg::Leg;
use super::tree_levels;

/// The number of rows that a query reads. A page also ends at a number of bytes.
const PAGE: usize = 100;
const PAGE_BYTES: usize = 256 * 1024;

/// Source of the dirty rows of the store, in the order in which they are written to the app: by model in dependency order. Of each
/// model the deletions come first; the other records of a tree come by level, the roots first. Otherwise they come by partition,
/// then in the order of the table: the order of the store's index of dirty rows, and that of Morango.
#[derive(Debug)]
pub(super) struct WaitingRows<'l, 'c, P> {
    leg: &'l Leg<'c, P>,
    /// The number of the pass over the records, from 0. The later ones read records that failed in the pass before.
    pass: u32,
    ranges: Vec<PartitionRange>,
    model: usize,
    phase: Phase,
    chunk: Chunk,
}

/// The part of a model that is read next.
#[derive(Debug, Clone)]
enum Phase {
    Begin,
    Deletions(Position),
    Records(Position),
    /// The records of a tree, behind a place in the temporary table of levels.
    Tree(i64),
}

/// A position in the order of partitions.
#[derive(Debug, Clone)]
struct Position {
    range: usize,
    partition: Value,
    rowid: i64,
}

/// The chunk that the next record belongs to.
#[derive(Debug, Default)]
struct Chunk {
    number: u64,
    records: usize,
    bytes: usize,
    level: Option<i64>,
}

impl Chunk {
    fn cut(&mut self) {
        if self.records > 0 {
            *self = Self { number: self.number + 1, ..Self::default() };
        }
    }

    /// The number of the chunk for a record of `bytes` bytes on a level.
    fn of(&mut self, bytes: usize, level: Option<i64>) -> u64 {
        if self.records >= CHUNK.get() || self.bytes >= CHUNK_BYTES.get() || self.level != level {
            self.cut();
        }
        self.level = level;
        self.records += 1;
        self.bytes += bytes;
        self.number
    }
}

impl<'l, 'c, P: Profile> WaitingRows<'l, 'c, P> {
    pub(super) fn new(leg: &'l Leg<'c, P>, pass: u32) -> Self {
        let ranges = leg.filter().ranges();
        let ranges = ranges.unwrap_or_else(|| vec![PartitionRange { from: String::new(), to: None }]);
        Self { leg, pass, ranges, model: 0, phase: Phase::Begin, chunk: Chunk::default() }
    }

    fn position(&self, range: usize) -> Option<Position> {
        let start = self.ranges.get(range)?;
        // Before every row of the first partition.
        Some(Position { range, partition: Value::Text(start.from.clone()), rowid: i64::MIN })
    }

    /// The part that follows the current one.
    fn next_phase(&mut self) -> Result<Phase, Halt> {
        self.chunk.cut();
        let model = P::MODELS[self.model];
        Ok(match (&self.phase, self.position(0)) {
            (Phase::Begin, Some(first)) if self.pass == 0 => Phase::Deletions(first),
            (Phase::Begin | Phase::Deletions(_), Some(first)) => {
                if model.self_reference.is_some()
                    && tree_levels::find(self.leg, self.model, self.pass, &self.ranges)?
                {
                    Phase::Tree(0)
                } else {
                    Phase::Records(first)
                }
            }
            _ => {
                self.model += 1;
                Phase::Begin
            }
        })
    }

    /// Emits a page of rows by partition. Returns the position behind it, or `None` if there are no more.
    fn by_partition(
        &mut self,
        at: &Position,
        are_deleted: bool,
        out: &mut impl Emit<Waiting>,
    ) -> Result<Option<Position>, Halt> {
        let range = &self.ranges[at.range];
        let below = if range.to.is_some() { " AND partition < ?7" } else { "" };
        let sql = format!(
            "SELECT rowid, id, source_id, partition, _self_ref_fk, serialized FROM main.morango_store \
             WHERE dirty_bit AND profile = ?1 AND model_name = ?2 AND deleted = ?3 \
             AND (partition, dirty_bit, rowid) > (?4, ?5, ?6){below}{} ORDER BY partition, dirty_bit, rowid LIMIT {PAGE}",
            self.leg.candidate_condition(self.pass)
        );
        // Behind a row of the same partition; and before all of them at the start, where the dirty bit compared is 0.
        let dirty_bit = i64::from(at.rowid != i64::MIN);
        let mut select = self.leg.connection.prepare_cached(&sql)?;
        select.raw_bind_parameter(1, P::NAME)?;
        select.raw_bind_parameter(2, P::MODELS[self.model].name)?;
        select.raw_bind_parameter(3, are_deleted)?;
        select.raw_bind_parameter(4, &at.partition)?;
        select.raw_bind_parameter(5, dirty_bit)?;
        select.raw_bind_parameter(6, at.rowid)?;
        if let Some(to) = &range.to {
            select.raw_bind_parameter(7, to)?;
        }
        let (mut page, mut bytes, mut last, mut is_cut) = (Vec::with_capacity(PAGE), 0, None, false);
        {
            let mut rows = select.raw_query();
            let mut count = 0;
            while let Some(row) = rows.next()? {
                count += 1;
                last = Some((row.get::<_, Value>(3)?, row.get::<_, i64>(0)?));
                if let Some(record) = waiting(row, self.model, !are_deleted)? {
                    bytes += record.weight();
                    page.push(record);
                }
                if bytes >= PAGE_BYTES || count == PAGE {
                    is_cut = true;
                    break;
                }
            }
        }
        for mut record in page {
            record.chunk = self.chunk.of(record.weight(), None);
            out.emit(record)?;
        }
        Ok(match last {
            Some((partition, rowid)) if is_cut => Some(Position { range: at.range, partition, rowid }),
            _ => self.position(at.range + 1),
        })
    }

    /// Emits a page of a tree behind `place`. Returns the last place, or `None` if there are no more.
    fn by_level(&mut self, place: i64, out: &mut impl Emit<Waiting>) -> Result<Option<i64>, Halt> {
        let mut select = self.leg.connection.prepare_cached(
            "SELECT s.rowid, s.id, s.source_id, s.partition, s._self_ref_fk, s.serialized, tree.place, tree.level \
             FROM temp.syncline_tree AS tree CROSS JOIN main.morango_store AS s ON s.rowid = tree.\"row\" \
             WHERE tree.place > ?1 AND s.dirty_bit ORDER BY tree.place LIMIT ?2",
        )?;
        let (mut page, mut bytes, mut last) = (Vec::with_capacity(PAGE), 0, None);
        {
            let mut rows = select.query(params![place, PAGE])?;
            while bytes < PAGE_BYTES
                && let Some(row) = rows.next()?
            {
                last = Some(row.get(6)?);
                if let Some(record) = waiting(row, self.model, true)? {
                    bytes += record.weight();
                    page.push((record, row.get::<_, Option<i64>>(7)?));
                }
            }
        }
        for (mut record, level) in page {
            record.chunk = self.chunk.of(record.weight(), level);
            out.emit(record)?;
        }
        Ok(last)
    }
}

/// The record in `row`. `None` if its id is none, which no peer can send.
fn waiting(row: &Row<'_>, model_index: usize, has_text: bool) -> rusqlite::Result<Option<Waiting>> {
    let text = |index| -> rusqlite::Result<String> {
        Ok(match row.get_ref(index)? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Null => String::new(),
        })
    };
    let spelt = text(1)?;
    let Some(id) = RecordId::parse(&spelt).ok().filter(|id| id.as_str() == spelt) else {
        return Ok(None);
    };
    let content = match row.get_ref(5)? {
        _ if !has_text => None,
        ValueRef::Blob(bytes) => Some(StoreText::Bytes(bytes.to_vec())),
        ValueRef::Text(bytes) => Some(match std::str::from_utf8(bytes) {
            Ok(text) => StoreText::Text(text.to_owned()),
            Err(_) => StoreText::Bytes(bytes.to_vec()),
        }),
        _ => Some(StoreText::Text(text(5)?)),
    };
    Ok(Some(Waiting {
        model_index,
        chunk: 0,
        rowid: row.get(0)?,
        id,
        source_id: text(2)?,
        partition: text(3)?,
        parent: text(4)?,
        text: content,
    }))
}

impl<P: Profile> Source for WaitingRows<'_, '_, P> {
    type Item = Waiting;

    fn advance(&mut self, out: &mut impl Emit<Waiting>) -> Result<Progress, Halt> {
        if self.model >= P::MODELS.len() {
            return Ok(Progress::Done);
        }
        let next = match self.phase.clone() {
            Phase::Begin => None,
            Phase::Deletions(at) => self.by_partition(&at, true, out)?.map(Phase::Deletions),
            Phase::Records(at) => self.by_partition(&at, false, out)?.map(Phase::Records),
            Phase::Tree(place) => self.by_level(place, out)?.map(Phase::Tree),
        };
        self.phase = match next {
            Some(next) => next,
            None => self.next_phase()?,
        };
        Ok(Progress::More)
    }
}

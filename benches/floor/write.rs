//! Writes the store, its counters, deletions and the app's dirty bits.

use anyhow::Context as _;
use rusqlite::{Connection, Statement, params};
use syncline::filter::Filter;
use syncline::{RecordId, json::Merger};

use crate::models::MODELS;
use crate::read::{Batch, Formatted, Plan, dirty};
use crate::tricks::{Trick, Tricks};

/// The instance that writes, and its counter.
#[derive(Debug)]
pub(crate) struct Stamp {
    pub(crate) instance: String,
    pub(crate) counter: i64,
}

/// The numbers of written rows.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) deleted: u64,
    pub(crate) hard_deleted: u64,
}

impl Written {
    pub(crate) fn add(&mut self, other: &Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.deleted += other.deleted;
        self.hard_deleted += other.hard_deleted;
    }
}

/// The statements that write records.
pub(crate) struct Writer<'c> {
    insert: Statement<'c>,
    look_up: Statement<'c>,
    update: Statement<'c>,
    lean_update: Statement<'c>,
    counters: Counters<'c>,
    warm: Option<Warm<'c>>,
    unseen: usize,
    tricks: Tricks,
    store_is_new: bool,
    count_later: bool,
    merger: Merger,
    merged: String,
    written: Written,
}

impl<'c> Writer<'c> {
    pub(crate) fn new(
        connection: &'c Connection,
        stamp: &Stamp,
        store_is_new: bool,
        count_later: bool,
        tricks: &Tricks,
    ) -> anyhow::Result<Self> {
        let Stamp { instance, counter } = stamp;
        let insert = connection.prepare(&format!(
            "INSERT OR FAIL INTO morango_store (id, serialized, deleted, hard_deleted, last_saved_instance, \
             last_saved_counter, model_name, profile, partition, source_id, conflicting_serialized_data, \
             _self_ref_fk, dirty_bit) \
             VALUES (?1, ?2, 0, 0, '{instance}', {counter}, ?3, 'facilitydata', ?4, ?5, '', ?6, 0)"
        ))?;
        let look_up = connection.prepare(&format!(
            "SELECT rowid, serialized, _self_ref_fk, profile = 'facilitydata' AND last_saved_instance = '{instance}' \
             AND dirty_bit = 0 AND last_transfer_session_id IS NULL AND conflicting_serialized_data = '' \
             AND deserialization_error IS NULL AND deserialization_exception IS NULL \
             AND typeof(last_saved_counter) = 'integer', model_name, partition, source_id, \
             CASE WHEN dirty_bit THEN conflicting_serialized_data END FROM morango_store WHERE id = ?1",
        ))?;
        let update = connection.prepare(&format!(
            "UPDATE OR FAIL morango_store SET serialized = ?2, deleted = 0, hard_deleted = 0, \
             last_saved_instance = '{instance}', last_saved_counter = {counter}, dirty_bit = 0, \
             conflicting_serialized_data = coalesce(?3, conflicting_serialized_data), _self_ref_fk = ?4, \
             last_transfer_session_id = NULL WHERE rowid = ?1"
        ))?;
        let lean_update = connection.prepare(&format!(
            "UPDATE OR FAIL morango_store SET serialized = ?2, deleted = 0, hard_deleted = 0, \
             last_saved_instance = '{instance}', last_saved_counter = {counter} WHERE rowid = ?1"
        ))?;
        Ok(Self {
            insert,
            look_up,
            update,
            lean_update,
            counters: Counters::new(connection, stamp)?,
            warm: if tricks.has(Trick::Warm) && store_is_new { Some(Warm::store(connection)?) } else { None },
            unseen: 0,
            tricks: tricks.clone(),
            store_is_new,
            count_later,
            merger: Merger::new(),
            merged: String::new(),
            written: Written::default(),
        })
    }

    pub(crate) fn write(&mut self, batch: &Batch) -> anyhow::Result<()> {
        self.unseen += batch.text.len();
        if let Some(warm) = &mut self.warm
            && self.unseen > LOOK
        {
            warm.look()?;
            self.unseen = 0;
        }
        for row in &batch.rows {
            if self.store_is_new || !self.update(batch, row)? {
                self.create(batch, row)?;
            }
            if !self.count_later {
                self.counters.set(row.id.as_str())?;
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Written {
        self.written
    }

    fn create(&mut self, batch: &Batch, row: &Formatted) -> anyhow::Result<()> {
        let text = &batch.text;
        self.insert.raw_bind_parameter(1, row.id.as_str())?;
        self.insert.raw_bind_parameter(2, &text[row.serialized.clone()])?;
        self.insert.raw_bind_parameter(3, MODELS[usize::from(row.model)].name)?;
        self.insert.raw_bind_parameter(4, &text[row.partition.clone()])?;
        self.insert.raw_bind_parameter(5, &text[row.source_id.clone()])?;
        self.insert.raw_bind_parameter(6, row.parent.as_ref().map_or("", RecordId::as_str))?;
        self.insert.raw_execute()?;
        self.written.created += 1;
        Ok(())
    }

    /// Updates the store's row. Returns `false` if there is none.
    fn update(&mut self, batch: &Batch, row: &Formatted) -> anyhow::Result<bool> {
        let mut rows = self.look_up.query([row.id.as_str()])?;
        let Some(stored) = rows.next()? else { return Ok(false) };
        let rowid: i64 = stored.get(0)?;
        let serialized = stored.get_ref(1)?.as_str()?;
        let own = &batch.text[row.serialized.clone()];
        let merged = if self.tricks.has(Trick::ReplaceAll) && self.merger.replaces_all(serialized, own) {
            own
        } else {
            self.merged.clear();
            let merged = self.merger.merge(serialized, own, &mut self.merged);
            merged.with_context(|| format!("record {}", row.id))?;
            &self.merged
        };
        let parent = match MODELS[usize::from(row.model)].parent {
            None => "",
            Some(_) => row.parent.as_ref().map_or("", RecordId::as_str),
        };
        let has_parent = MODELS[usize::from(row.model)].parent.is_some();
        let stored_parent = stored.get_ref(2)?.as_str()?;
        // A row that was never received or deleted: the other columns have their values already.
        let is_usual: bool = stored.get(3)?;
        for name in 4..7 {
            stored.get_ref(name)?.as_str()?;
        }
        let is_lean =
            self.tricks.has(Trick::LeanUpdate) && is_usual && (!has_parent || stored_parent == parent);
        if is_lean {
            drop(rows);
            self.lean_update.raw_bind_parameter(1, rowid)?;
            self.lean_update.raw_bind_parameter(2, merged)?;
            self.lean_update.raw_execute()?;
        } else {
            let conflicting =
                stored.get_ref(7)?.as_str_or_null()?.map(|older| format!("{serialized}\n{older}"));
            let parent = if has_parent { parent.to_owned() } else { stored_parent.to_owned() };
            drop(rows);
            self.update.raw_bind_parameter(1, rowid)?;
            self.update.raw_bind_parameter(2, merged)?;
            self.update.raw_bind_parameter(3, conflicting)?;
            self.update.raw_bind_parameter(4, parent)?;
            self.update.raw_execute()?;
        }
        self.written.updated += 1;
        Ok(true)
    }
}

/// The record max counters of this instance.
struct Counters<'c> {
    update: Statement<'c>,
    insert: Statement<'c>,
}

impl<'c> Counters<'c> {
    fn new(connection: &'c Connection, Stamp { instance, counter }: &Stamp) -> anyhow::Result<Self> {
        let update = connection.prepare(&format!(
            "UPDATE OR FAIL morango_recordmaxcounter SET counter = {counter} \
             WHERE store_model_id = ?1 AND instance_id = '{instance}'"
        ))?;
        let insert = connection.prepare(&format!(
            "INSERT OR FAIL INTO morango_recordmaxcounter (instance_id, counter, store_model_id) \
             VALUES ('{instance}', {counter}, ?1)"
        ))?;
        Ok(Self { update, insert })
    }

    fn set(&mut self, id: &str) -> anyhow::Result<()> {
        self.update.raw_bind_parameter(1, id)?;
        if self.update.raw_execute()? == 0 {
            self.insert.raw_bind_parameter(1, id)?;
            self.insert.raw_execute()?;
        }
        Ok(())
    }
}

/// Keeps those pages of growing b-trees in the cache that will be written again.
///
/// Rows that are added in order change the right edge of each tree, and the left neighbour of a page that is full. Pages of the
/// upper levels change rarely, so the cache would write them to the log early, and later again. Looking up the rows 1000
/// places back, 1500, 2250 and so on reads all of these pages: a neighbour has at least half as many rows as lie behind it.
struct Warm<'c> {
    last: Statement<'c>,
    by_rowid: Statement<'c>,
    by_key: Vec<Statement<'c>>,
}

impl<'c> Warm<'c> {
    fn store(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            last: connection.prepare("SELECT max(rowid) FROM morango_store")?,
            by_rowid: connection.prepare("SELECT id FROM morango_store WHERE rowid = ?1")?,
            by_key: vec![
                connection.prepare("SELECT ?2 FROM morango_store WHERE id = ?1")?,
                connection.prepare(
                    "SELECT ?1 FROM morango_store INDEXED BY morango_store_last_transfer_session_id_258a67a1 \
                     WHERE last_transfer_session_id IS NULL AND rowid = ?2",
                )?,
            ],
        })
    }

    fn counters(connection: &'c Connection) -> rusqlite::Result<Self> {
        let by_key = ["2a91327d", "instance_id_d478818f_uniq"].map(|index| {
            connection.prepare(&format!(
                "SELECT ?2 FROM morango_recordmaxcounter \
                 INDEXED BY morango_recordmaxcounter_store_model_id_{index} WHERE store_model_id = ?1"
            ))
        });
        Ok(Self {
            last: connection.prepare("SELECT max(id) FROM morango_recordmaxcounter")?,
            by_rowid: connection
                .prepare("SELECT store_model_id FROM morango_recordmaxcounter WHERE id = ?1")?,
            by_key: by_key.into_iter().collect::<Result<_, _>>()?,
        })
    }

    fn look(&mut self) -> rusqlite::Result<()> {
        let last: Option<i64> = self.last.query_row([], |row| row.get(0))?;
        let Some(last) = last else { return Ok(()) };
        let mut back = 0;
        while back < last {
            let rowid = last - back;
            let mut rows = self.by_rowid.query([rowid])?;
            if let Some(row) = rows.next()? {
                let key = row.get_ref(0)?.as_str()?;
                for statement in &mut self.by_key {
                    statement.exists((key, rowid))?;
                }
            }
            back = (back * 3 / 2).max(1000);
        }
        Ok(())
    }
}

/// The number of bytes that are written between two look-ups. Less than the size of the cache.
const LOOK: usize = 2 * 1024 * 1024;

/// The number of counters that are written between two look-ups.
const COUNTED: usize = 10_000;

/// Writes a counter for every row of a store that was empty.
pub(crate) fn count_all(connection: &Connection, stamp: &Stamp, tricks: &Tricks) -> anyhow::Result<()> {
    let or_fail = if tricks.has(Trick::OrFail) { "OR FAIL " } else { "" };
    let mut insert = connection.prepare(&format!(
        "INSERT {or_fail}INTO morango_recordmaxcounter (instance_id, counter, store_model_id) \
         SELECT ?1, ?2, id FROM morango_store WHERE id > ?3 ORDER BY id LIMIT ?4"
    ))?;
    let mut warm = Warm::counters(connection)?;
    let mut end = connection.prepare(
        "SELECT store_model_id FROM morango_recordmaxcounter \
         INDEXED BY morango_recordmaxcounter_store_model_id_instance_id_d478818f_uniq \
         ORDER BY store_model_id DESC LIMIT 1",
    )?;
    let step = if tricks.has(Trick::Warm) { COUNTED } else { usize::MAX >> 1 };
    let mut last = String::new();
    while insert.execute(params![stamp.instance, stamp.counter, last, step])? == step {
        last = end.query_row([], |row| row.get(0))?;
        warm.look()?;
    }
    Ok(())
}

/// Clears the dirty bits of the rows that were read, table by table.
pub(crate) fn clear_dirty_bits(
    connection: &Connection,
    plan: Plan,
    filter: &Filter,
    tricks: &Tricks,
) -> anyhow::Result<()> {
    let or_fail = if tricks.has(Trick::OrFail) { "OR FAIL " } else { "" };
    match plan {
        Plan::Few(mut listed) => {
            listed.sort_unstable_by_key(|row| (row.model, row.rowid));
            for rows in listed.chunk_by(|one, next| one.model == next.model) {
                let table = MODELS[usize::from(rows[0].model)].table;
                let mut statement = connection.prepare(&format!(
                    "UPDATE {or_fail}{table} SET _morango_dirty_bit = 0 WHERE rowid = ?1"
                ))?;
                for row in rows {
                    statement.raw_bind_parameter(1, row.rowid)?;
                    statement.raw_execute()?;
                }
            }
        }
        Plan::Many(_) => {
            let (mut condition, mut values) = (String::new(), Vec::new());
            for range in filter.ranges().unwrap_or_default() {
                condition.push_str(if values.is_empty() { " AND (" } else { " OR " });
                condition.push_str("(_morango_partition >= ?");
                values.push(range.from);
                if let Some(to) = range.to {
                    condition.push_str(" AND _morango_partition < ?");
                    values.push(to);
                }
                condition.push(')');
            }
            if !values.is_empty() {
                condition.push(')');
            }
            for model in MODELS {
                connection.execute(
                    &format!(
                        "UPDATE {or_fail}{} SET _morango_dirty_bit = 0 WHERE {}{condition}",
                        model.table,
                        dirty(model)
                    ),
                    rusqlite::params_from_iter(&values),
                )?;
            }
        }
    }
    Ok(())
}

/// Marks the records that the app deleted, except those that exist again.
pub(crate) fn delete(
    connection: &Connection,
    reader: &Connection,
    stamp: &Stamp,
    written: &mut Written,
    tricks: &Tricks,
) -> anyhow::Result<()> {
    let Stamp { instance, counter } = stamp;
    let mut counters = Counters::new(connection, stamp)?;
    let lists = [
        (
            "morango_deletedmodels",
            format!("deleted = 1, last_saved_instance = '{instance}', last_saved_counter = {counter}"),
        ),
        (
            "morango_harddeletedmodels",
            "hard_deleted = 1, serialized = '{}', conflicting_serialized_data = ''".to_owned(),
        ),
    ];
    for (list, change) in lists {
        let is_hard = list == "morango_harddeletedmodels";
        let mut count = 0;
        let mut statement =
            reader.prepare(&format!("SELECT id FROM {list} WHERE profile = 'facilitydata' ORDER BY id"))?;
        let mut ids = statement.query([])?;
        let mut look_up =
            connection.prepare("SELECT rowid, model_name, dirty_bit FROM morango_store WHERE id = ?1")?;
        let mut mark =
            connection.prepare(&format!("UPDATE OR FAIL morango_store SET {change} WHERE rowid = ?1"))?;
        let mut mark_dirty = connection
            .prepare(&format!("UPDATE OR FAIL morango_store SET {change}, dirty_bit = 0 WHERE rowid = ?1"))?;
        let mut alive = Vec::new();
        for model in MODELS {
            let kind = model.kind.map(|kind| format!(" AND kind = '{kind}'")).unwrap_or_default();
            alive.push(reader.prepare(&format!("SELECT 1 FROM {} WHERE id = ?1{kind}", model.table))?);
        }
        while let Some(row) = ids.next()? {
            let id = row.get_ref(0)?.as_str()?;
            let mut stored = look_up.query([id])?;
            let Some(stored) = stored.next()? else { continue };
            let rowid: i64 = stored.get(0)?;
            let name = stored.get_ref(1)?.as_str()?;
            if let Some(model) = MODELS.iter().position(|model| model.name == name)
                && alive[model].exists([id])?
            {
                continue;
            }
            let mark = if is_hard || (tricks.has(Trick::LeanUpdate) && !stored.get(2)?) {
                &mut mark
            } else {
                &mut mark_dirty
            };
            mark.execute([rowid])?;
            if !is_hard {
                counters.set(id)?;
            }
            count += 1;
        }
        drop(ids);
        if is_hard {
            written.hard_deleted = count;
        } else {
            written.deleted = count;
        }
        empty(connection, list, tricks)?;
    }
    Ok(())
}

fn empty(connection: &Connection, list: &str, tricks: &Tricks) -> anyhow::Result<()> {
    let others = format!("SELECT 1 FROM {list} WHERE profile <> 'facilitydata'");
    if tricks.has(Trick::Truncate) && !connection.prepare(&others)?.exists([])? {
        connection.execute(&format!("DELETE FROM {list}"), [])?;
    } else {
        connection.execute(&format!("DELETE FROM {list} WHERE profile = 'facilitydata'"), [])?;
    }
    Ok(())
}

/// Writes the database max counters of this instance.
pub(crate) fn save_database_counters(
    connection: &Connection,
    stamp: &Stamp,
    filter: &Filter,
) -> anyhow::Result<()> {
    let mut prefixes: Vec<&str> = filter.distinct_prefixes().collect();
    if prefixes.is_empty() {
        prefixes.push("");
    }
    let mut statement = connection.prepare(
        "INSERT INTO morango_databasemaxcounter (instance_id, counter, partition) VALUES (?1, ?2, ?3) \
         ON CONFLICT (instance_id, partition) DO UPDATE SET counter = excluded.counter",
    )?;
    for prefix in prefixes {
        statement.execute(params![stamp.instance, stamp.counter, prefix])?;
    }
    Ok(())
}

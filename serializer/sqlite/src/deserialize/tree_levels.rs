//! The levels of the dirty records of a tree: a record comes behind its parent.
//!
//! They are worked out from `_self_ref_fk` alone. A store may lack `_self_ref_order`, and a peer may have sent any number in it.

use rusqlite::params;
use syncline_core::Halt;
use syncline_serializer::filter::PartitionRange;
use syncline_serializer::model::Profile;

use super::leg::Leg;

/// Fills the temporary table with the dirty records of a model by level. Returns `false` if none of them has a parent.
///
/// Level 0 has the records whose parent is not among the dirty ones. A record of a circle has no level, and comes last.
pub(super) fn find<P: Profile>(
    leg: &Leg<'_, P>,
    model: usize,
    pass: u32,
    ranges: &[PartitionRange],
) -> Result<bool, Halt> {
    let connection = leg.connection;
    let name = P::MODELS[model].name;
    let dirty = format!(
        "FROM main.morango_store WHERE dirty_bit AND profile = ?1 AND model_name = ?2 AND deleted = 0{}",
        leg.candidate_condition(pass)
    );
    let has_parents: bool = connection
        .prepare_cached(&format!("SELECT EXISTS (SELECT 1 {dirty} AND _self_ref_fk <> '')"))?
        .query_row(params![P::NAME, name], |row| row.get(0))?;
    if !has_parents {
        return Ok(false);
    }
    connection.execute_batch(
        "DELETE FROM temp.syncline_tree; DROP TABLE IF EXISTS temp.syncline_dirty_tree; \
         CREATE TEMP TABLE syncline_dirty_tree (\"row\" INTEGER PRIMARY KEY, id TEXT, parent TEXT, partition TEXT); \
         CREATE INDEX temp.syncline_dirty_tree_id ON syncline_dirty_tree (id); \
         CREATE INDEX temp.syncline_dirty_tree_parent ON syncline_dirty_tree (parent)",
    )?;
    let fill = format!(
        "INSERT INTO temp.syncline_dirty_tree SELECT rowid, id, _self_ref_fk, partition {dirty} \
         AND partition >= ?3 AND (?4 IS NULL OR partition < ?4)"
    );
    for range in ranges {
        connection.prepare_cached(&fill)?.execute(params![P::NAME, name, range.from, range.to])?;
    }
    connection.execute_batch(
        "INSERT INTO temp.syncline_tree (level, \"row\") \
         WITH RECURSIVE levels (\"row\", id, level) AS ( \
            SELECT \"row\", id, 0 FROM temp.syncline_dirty_tree AS child WHERE NOT EXISTS \
            (SELECT 1 FROM temp.syncline_dirty_tree AS parent WHERE parent.id = child.parent) \
            UNION ALL \
            SELECT child.\"row\", child.id, levels.level + 1 FROM levels \
            JOIN temp.syncline_dirty_tree AS child ON child.parent = levels.id \
         ) \
         SELECT levels.level, dirty.\"row\" FROM temp.syncline_dirty_tree AS dirty \
         LEFT JOIN levels ON levels.\"row\" = dirty.\"row\" \
         ORDER BY levels.level IS NULL, levels.level, dirty.partition, dirty.\"row\"; \
         DROP TABLE temp.syncline_dirty_tree",
    )?;
    Ok(true)
}

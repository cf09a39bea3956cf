//! Deletion of a record with more generations of descendants than SQLite cascades through.
//!
//! Each generation of a cascade is a level of trigger recursion, and SQLite allows 1,000 (`SQLITE_MAX_TRIGGER_DEPTH`). A
//! connection can lower that limit but not raise it. So the rows are collected first, and then deleted from the last
//! generation to the first. The same triggers run as in a cascade.

use rusqlite::{Connection, OptionalExtension as _};
use syncline_serializer::model::Model;

use crate::app::columns::is_record;
use crate::app::unique_keys::rowid_name;
use crate::error::{Doing, RecordError};
use crate::store::names::{Literal, Quoted};

/// The operation that the errors of this module name.
const DOING: &str = "deleting a record with its descendants";

/// Returns `true` if a cascade had too many generations. SQLite has no error code for it, and newer versions
/// have another message than older ones.
pub(super) fn is_too_deep(error: &rusqlite::Error) -> bool {
    let message = error.to_string();
    ["triggers nested too deep", "too many levels of trigger recursion"]
        .iter()
        .any(|text| message.contains(text))
}

/// Deletes the existing record `id` of `model` and all rows that its deletion cascades to, the last generation first.
/// Returns the number of deleted records with that id, 0 or 1.
///
/// Call it within a savepoint: it does not undo the part that precedes an error.
pub(super) fn delete_bottom_up(
    connection: &Connection,
    model: &Model,
    id: &str,
) -> Result<usize, RecordError> {
    connection
        .execute_batch(
            "DROP TABLE IF EXISTS temp.syncline_generation; \
             CREATE TEMP TABLE syncline_generation (\"table\", \"row\", generation INTEGER, \
             PRIMARY KEY (\"table\", \"row\")) WITHOUT ROWID; \
             CREATE INDEX temp.syncline_generations ON syncline_generation (generation, \"table\")",
        )
        .doing(DOING)?;
    let deleted = with_deferred_keys(connection, || {
        let links = links(connection)?;
        let last = match collect(connection, &links, model, id, OnAgain::TakeLater)? {
            Some(last) => last,
            // The rows refer to one another in a circle, so no generation is the last one of all.
            None => collect(connection, &links, model, id, OnAgain::KeepFirst)?.unwrap_or_default(),
        };
        delete_generations(connection, last)?;
        // A trigger of the app may have kept the row.
        let is_kept = format!("SELECT 1 FROM main.{} WHERE {}", Quoted(model.table), is_record(model));
        let is_kept = connection.prepare(&is_kept).and_then(|mut select| select.exists([id])).doing(DOING)?;
        Ok(usize::from(!is_kept))
    })?;
    connection.execute_batch("DROP TABLE temp.syncline_generation").doing(DOING)?;
    Ok(deleted)
}

/// Runs `work` with all foreign keys checked at the commit: two rows that are deleted may refer to each other.
fn with_deferred_keys<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, RecordError>,
) -> Result<T, RecordError> {
    const SETTING: &str = "defer_foreign_keys";

    let before: bool = connection.pragma_query_value(None, SETTING, |row| row.get(0)).doing(DOING)?;
    connection.pragma_update(None, SETTING, true).doing(DOING)?;
    let done = work();
    connection.pragma_update(None, SETTING, before).doing(DOING)?;
    done
}

/// A foreign key with `ON DELETE CASCADE`.
#[derive(Debug)]
struct Link {
    child: Keyed,
    parent: Keyed,
    /// Pairs of columns: of the child, and of the parent.
    columns: Vec<(String, String)>,
}

/// A table, and the column by which its rows are collected.
#[derive(Debug, Clone)]
struct Keyed {
    table: String,
    key: String,
}

impl Keyed {
    /// The rowid of the table, or the only column of its primary key. `None` for another key.
    fn of(connection: &Connection, table: &str) -> Result<Option<Self>, RecordError> {
        let key = match rowid_name(connection, table)? {
            Some(rowid) => Some(rowid.to_owned()),
            None => connection
                .query_row(
                    "SELECT max(name) FROM pragma_table_info(?1) WHERE pk HAVING count(*) = 1",
                    [table],
                    |row| row.get::<_, String>(0),
                )
                .optional()
                .doing(DOING)?
                .map(|name| Quoted(&name).to_string()),
        };
        Ok(key.map(|key| Self { table: table.to_owned(), key }))
    }
}

/// The cascading foreign keys between tables of the database. A table without a key of one column is left to SQLite's
/// own cascade.
fn links(connection: &Connection) -> Result<Vec<Link>, RecordError> {
    type Row = (String, i64, String, String, Option<String>);

    let rows: Vec<Row> = connection
        .prepare(
            "SELECT tables.name, keys.id, keys.\"table\", keys.\"from\", coalesce(keys.\"to\", (SELECT info.name \
             FROM pragma_table_info(keys.\"table\") AS info WHERE info.pk = keys.seq + 1)) \
             FROM main.sqlite_schema AS tables, pragma_foreign_key_list(tables.name) AS keys \
             WHERE tables.type = 'table' AND keys.on_delete = 'CASCADE' ORDER BY tables.name, keys.id, keys.seq",
        )
        .and_then(|mut statement| statement.query_map([], |row| Row::try_from(row))?.collect())
        .doing(DOING)?;
    let mut links = Vec::new();
    for of_key in rows.chunk_by(|one, next| (&one.0, one.1) == (&next.0, next.1)) {
        let (child, parent) = (&of_key[0].0, &of_key[0].2);
        let columns = of_key.iter().map(|row| Some((row.3.clone(), row.4.clone()?)));
        if let Some(columns) = columns.collect::<Option<Vec<_>>>()
            && let Some(child) = Keyed::of(connection, child)?
            && let Some(parent) = Keyed::of(connection, parent)?
        {
            links.push(Link { child, parent, columns });
        }
    }
    Ok(links)
}

/// The generation of a row that is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnAgain {
    /// The later one, so that all descendants of a row are in later generations than the row.
    TakeLater,
    /// The first one, which ends also if rows refer to one another in a circle.
    KeepFirst,
}

/// Collects the record `id` as generation 0, and its descendants. Returns the number of the last generation, or `None`
/// if a circle has no last one.
fn collect(
    connection: &Connection,
    links: &[Link],
    model: &Model,
    id: &str,
    on_again: OnAgain,
) -> Result<Option<i64>, RecordError> {
    connection.execute("DELETE FROM temp.syncline_generation", []).doing(DOING)?;
    let Some(Keyed { table, key }) = Keyed::of(connection, model.table)? else { return Ok(Some(0)) };
    let first = format!(
        "INSERT INTO temp.syncline_generation SELECT {}, {key}, 0 FROM main.{} WHERE {}",
        Literal(&table.to_ascii_lowercase()),
        Quoted(&table),
        is_record(model)
    );
    connection.execute(&first, [id]).doing(DOING)?;
    let mut statements = Vec::with_capacity(links.len());
    for link in links {
        statements.push(connection.prepare(&next_generation(link, on_again)).doing(DOING)?);
    }
    let mut generation = 0;
    loop {
        let mut found = 0;
        for statement in &mut statements {
            found += statement.execute([generation]).doing(DOING)?;
        }
        if found == 0 {
            return Ok(Some(generation));
        }
        generation += 1;
        // A row has at most as many ancestors as there are rows, unless it is its own ancestor.
        if on_again == OnAgain::TakeLater && generation % CHECK_EVERY == 0 {
            let rows: i64 = connection
                .query_row("SELECT count(*) FROM temp.syncline_generation", [], |row| row.get(0))
                .doing(DOING)?;
            if generation >= rows {
                return Ok(None);
            }
        }
    }
}

/// The number of generations between two looks for a circle.
const CHECK_EVERY: i64 = 64;

/// The statement that collects the rows which refer by `link` to the generation `?1`. Tables are listed in lower case,
/// because a foreign key may spell a name in another case than the schema.
fn next_generation(link: &Link, on_again: OnAgain) -> String {
    let Link { child, parent, columns } = link;
    let joined: Vec<_> =
        columns.iter().map(|(from, to)| format!("parent.{} = child.{}", Quoted(to), Quoted(from))).collect();
    format!(
        "INSERT INTO temp.syncline_generation SELECT {child_name}, child.{child_key}, found.generation + 1 \
         FROM temp.syncline_generation AS found \
         CROSS JOIN main.{parent_table} AS parent ON parent.{parent_key} = found.\"row\" \
         CROSS JOIN main.{child_table} AS child ON {joined} \
         WHERE found.\"table\" = {parent_name} AND found.generation = ?1 ON CONFLICT DO {again}",
        child_name = Literal(&child.table.to_ascii_lowercase()),
        child_key = child.key,
        child_table = Quoted(&child.table),
        parent_name = Literal(&parent.table.to_ascii_lowercase()),
        parent_key = parent.key,
        parent_table = Quoted(&parent.table),
        joined = joined.join(" AND "),
        again = match on_again {
            OnAgain::TakeLater => "UPDATE SET generation = excluded.generation",
            OnAgain::KeepFirst => "NOTHING",
        },
    )
}

/// Deletes the collected rows, from the generation `last` to 0.
fn delete_generations(connection: &Connection, last: i64) -> Result<(), RecordError> {
    let tables: Vec<String> = connection
        .prepare("SELECT DISTINCT \"table\" FROM temp.syncline_generation")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .doing(DOING)?;
    let mut statements = Vec::with_capacity(tables.len());
    for table in &tables {
        let Some(Keyed { key, .. }) = Keyed::of(connection, table)? else { continue };
        let sql = format!(
            "DELETE FROM main.{} WHERE {key} IN (SELECT \"row\" FROM temp.syncline_generation \
             WHERE generation = ?1 AND \"table\" = {})",
            Quoted(table),
            Literal(table)
        );
        statements.push(connection.prepare(&sql).doing(DOING)?);
    }
    for generation in (0..=last).rev() {
        for statement in &mut statements {
            statement.execute([generation]).doing(DOING)?;
        }
    }
    Ok(())
}

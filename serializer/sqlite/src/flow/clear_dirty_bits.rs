//! The statements that clear dirty bits. No other code clears them. They run no triggers: a trigger of the app could
//! change the row again, or refuse or ignore the update.

use rusqlite::{Connection, ToSql, params_from_iter};
use syncline_serializer::model::Profile;
use syncline_serializer::model::columns::ID;
use syncline_serializer::serialize::backend::{Key, Sweep, WrittenRows};

use crate::store::names::Quoted;
use crate::store::selection::{Selection, clear_dirty_bit};
use crate::store::without_triggers::without_triggers;

/// Clears the dirty bits of `rows`, table by table, in the order of the table.
pub(super) fn clear_rows(connection: &Connection, rows: WrittenRows) -> rusqlite::Result<()> {
    if rows.by_rowid.is_empty() && rows.by_id.is_empty() {
        return Ok(());
    }
    without_triggers(connection, || {
        clear_where("rowid", rows.by_rowid, connection, |rowid| rowid)?;
        clear_where(ID, rows.by_id, connection, Key::as_str)
    })
}

/// Clears the dirty bits of the rows of `sweeps` that match the filter, model by model in the order of its table. So
/// each page is written once.
pub(super) fn sweep<P: Profile>(
    connection: &Connection,
    selection: &Selection,
    sweeps: &[Sweep],
) -> rusqlite::Result<()> {
    without_triggers(connection, || sweep_models::<P>(connection, selection, sweeps))
}

fn sweep_models<P: Profile>(
    connection: &Connection,
    selection: &Selection,
    sweeps: &[Sweep],
) -> rusqlite::Result<()> {
    // A page that an open query reads stays in the cache: here the last page of the schema, which may get an index
    // back.
    let mut schema = connection.prepare("SELECT 1 FROM sqlite_schema ORDER BY rowid DESC")?;
    let mut last_row = schema.query([])?;
    last_row.next()?;
    for sweep in sweeps {
        for (index, model) in P::MODELS.iter().enumerate() {
            let clear = format!("{} WHERE {}", clear_dirty_bit(model.table), selection.condition(model));
            let bounds = selection.bounds();
            match sweep {
                Sweep::All => {
                    connection.execute(&clear, params_from_iter(bounds))?;
                }
                Sweep::UpTo(keys) => {
                    let Some(Some(key)) = keys.get(index) else { continue };
                    // The plus keeps SQLite from using the index of ids instead of the table.
                    let sql = format!("{clear} AND +{} <= ?{}", Quoted(ID), bounds.len() + 1);
                    let bounds = bounds.into_iter().chain([key.as_str()]);
                    connection.execute(&sql, params_from_iter(bounds))?;
                }
            }
        }
    }
    Ok(())
}

/// Clears the bits of `rows`. Each element is a table and a value of `column`.
fn clear_where<K: Ord, V: ToSql + ?Sized>(
    column: &str,
    mut rows: Vec<(&'static str, K)>,
    connection: &Connection,
    value: impl Fn(&K) -> &V,
) -> rusqlite::Result<()> {
    rows.sort_unstable();
    for of_table in rows.chunk_by(|(table, _), (next, _)| table == next) {
        let sql = format!("{} WHERE {column} = ?1", clear_dirty_bit(of_table[0].0));
        let mut statement = connection.prepare_cached(&sql)?;
        for (_, key) in of_table {
            statement.raw_bind_parameter(1, value(key))?;
            statement.raw_execute()?;
        }
    }
    Ok(())
}

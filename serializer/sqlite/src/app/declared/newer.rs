//! `Newer`: the columns and models of other versions of the app that this program does not declare.
//!
//! A program that declares fewer synced columns of a model than were written down is the older one. It cannot write a row whole
//! in which one of these columns may have changed, and nothing in the row says which of its columns changed. So a run leaves
//! every such row dirty, with one exception: a row that the store does not have, in which these columns hold their defaults. A
//! peer reads a record without the key as that default. The older program's own new records are such rows.
//!
//! Columns that no version declared are ignored, as are columns that are no longer in the table, and those that the program
//! declares as `retired`.

use std::fmt::Write as _;

use rusqlite::Connection;
use syncline_serializer::model::columns::{DIRTY_BIT, ID};
use syncline_serializer::model::{Model, Profile};
use syncline_serializer::serialize::HeldBack;

use crate::app::declared::record::Record;
use crate::error::{Doing, SqliteError};
use crate::store::names::{Literal, Quoted};
use crate::store::schema::is_of_django;
use crate::store::selection::of_model;
use crate::store::writable::Writable;

/// The columns and models that this program does not declare.
#[derive(Debug, Default)]
pub(crate) struct Newer {
    /// The models with unknown columns.
    pub(crate) columns: Vec<UnknownColumns>,
    /// The models that this program does not declare at all, if their tables exist.
    pub(crate) models: Vec<UnknownModel>,
    /// The tables of the program's models, each with the columns that another version declares, synced or not.
    pub(crate) other_columns: Vec<(&'static str, String)>,
}

/// The unknown synced columns of a model of the program.
#[derive(Debug)]
pub(crate) struct UnknownColumns {
    pub(crate) model: &'static Model,
    pub(crate) columns: Vec<UnknownColumn>,
}

/// A synced column that the program does not declare, with its default in the table as SQL.
#[derive(Debug)]
pub(crate) struct UnknownColumn {
    pub(crate) name: String,
    default: Option<String>,
}

/// A model that the program does not declare.
#[derive(Debug)]
pub(crate) struct UnknownModel {
    pub(crate) name: String,
    pub(crate) table: String,
    /// The condition for its rows.
    pub(crate) of_model: String,
    /// Its synced columns.
    pub(crate) columns: Vec<String>,
    /// `true` if its rows have dirty bits.
    pub(crate) has_dirty_bit: bool,
}

impl Newer {
    /// Reads it for `P`. A database of another application has no declarations.
    pub(crate) fn read<P: Profile>(connection: &Connection) -> Result<Self, SqliteError> {
        if is_of_django(connection)? {
            return Ok(Self::default());
        }
        Self::of::<P>(connection, &Record::read(connection, P::NAME)?)
    }

    /// Compares `record` with the models of `P`.
    pub(crate) fn of<P: Profile>(connection: &Connection, record: &Record) -> Result<Self, SqliteError> {
        let mut newer = Self::default();
        for &model in P::MODELS {
            for name in record.columns(model.name) {
                let is_declared = model.all_columns().any(|column| column.name.eq_ignore_ascii_case(name));
                if !is_declared && present(connection, model.table, name)?.is_some() {
                    newer.other_columns.push((model.table, name.to_owned()));
                }
            }
            let mut unknown = Vec::new();
            for declared in record.synced(model.name) {
                let is_known = model.columns.iter().any(|column| declared.is_named(column.key));
                let is_retired = model.retired.iter().any(|name| declared.is_named(name));
                if is_known || is_retired {
                    continue;
                }
                if let Some(Present { default }) = present(connection, model.table, &declared.column)? {
                    unknown.push(UnknownColumn { name: declared.column.clone(), default });
                }
            }
            if !unknown.is_empty() {
                newer.columns.push(UnknownColumns { model, columns: unknown });
            }
        }
        for (name, table) in record.models() {
            if P::MODELS.iter().any(|model| model.name == name) || present(connection, table, ID)?.is_none() {
                continue;
            }
            let of_model = match record.discriminator(name) {
                Some((column, value)) => format!("{} = {}", Quoted(column), Literal(value)),
                None => "1".to_owned(),
            };
            newer.models.push(UnknownModel {
                name: name.to_owned(),
                table: table.to_owned(),
                of_model,
                columns: record.synced(name).iter().map(|declared| declared.column.clone()).collect(),
                has_dirty_bit: present(connection, table, DIRTY_BIT)?.is_some(),
            });
        }
        Ok(newer)
    }

    /// The condition that rows of the older program's models meet, if a run may write them.
    pub(crate) fn writable(&self) -> Writable {
        let conditions: Vec<_> =
            self.columns.iter().map(|unknown| (unknown.model.name, unknown.writable())).collect();
        Writable::new(conditions)
    }

    /// Logs the columns and models that only another version of the app declares.
    pub(crate) fn warn(&self) {
        for UnknownColumns { model, columns } in &self.columns {
            for UnknownColumn { name, .. } in columns {
                tracing::warn!(
                    "another version of the app syncs column `{name}` of table `{}`, and model `{}` does not declare it: rows that \
                     may hold a value in it are not serialised; use the newer version, or declare `retired(\"{name}\")`",
                    model.table,
                    model.name
                );
            }
        }
        for UnknownModel { name, table, .. } in &self.models {
            tracing::warn!(
                "another version of the app declares the model `{name}` of table `{table}`, and this program does not: its rows are \
                 not serialised; use the newer version, or end the model with `Database::end_model`"
            );
        }
    }

    /// The rows that a run leaves dirty, by model. Models without such rows are left out.
    pub(crate) fn held_back(&self, connection: &Connection) -> Result<Vec<HeldBack>, SqliteError> {
        let count = |table: &str, condition: &str| -> Result<u64, SqliteError> {
            let sql =
                format!("SELECT count(*) FROM {} WHERE {} AND {condition}", Quoted(table), Quoted(DIRTY_BIT));
            connection.query_row(&sql, [], |row| row.get(0)).doing("counting the rows that are left")
        };
        let mut held_back = Vec::new();
        for UnknownColumns { model, columns } in &self.columns {
            let names = columns.iter().map(|column| column.name.clone()).collect();
            let mut left = HeldBack::new(model.name.to_owned(), model.table.to_owned(), names);
            let of_model = of_model(model, "");
            let writable = self.writable();
            left.rows = count(model.table, &format!("{of_model} AND NOT ({})", writable.condition(model)))?;
            held_back.push(left);
        }
        for model in self.models.iter().filter(|model| model.has_dirty_bit) {
            let mut left = HeldBack::new(model.name.clone(), model.table.clone(), Vec::new());
            left.rows = count(&model.table, &model.of_model)?;
            held_back.push(left);
        }
        held_back.retain(|left| left.rows > 0);
        Ok(held_back)
    }
}

impl UnknownColumns {
    /// The condition for a row that the store does not have, and whose unknown columns hold their defaults.
    fn writable(&self) -> String {
        let table = Quoted(self.model.table);
        let mut condition = format!(
            "NOT EXISTS (SELECT 1 FROM morango_store AS stored WHERE stored.id = {table}.{})",
            Quoted(ID)
        );
        for UnknownColumn { name, default } in &self.columns {
            let default = default.as_deref().unwrap_or("NULL");
            let _ = write!(condition, " AND {table}.{} IS ({default})", Quoted(name));
        }
        condition
    }
}

/// A column of a table.
struct Present {
    /// Its default as SQL.
    default: Option<String>,
}

/// Looks up a column. `None` if the table or the column does not exist.
fn present(connection: &Connection, table: &str, column: &str) -> Result<Option<Present>, SqliteError> {
    let read = || {
        let sql = "SELECT dflt_value FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query((table, column))?;
        rows.next()?.map(|row| Ok(Present { default: row.get(0)? })).transpose()
    };
    read().doing("reading the schema")
}

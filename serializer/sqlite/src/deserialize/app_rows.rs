//! The rows of the app's tables that received records become.

use std::fmt::Write as _;

use rusqlite::Connection;
use syncline_serializer::model::columns::{DIRTY_BIT, ID};
use syncline_serializer::model::{Model, ReceivedRow};

use crate::store::names::Quoted;
use crate::store::prepared::Prepared;

/// The statements that write rows of one model: of the last one that was written.
pub(super) struct AppRows<'c> {
    connection: &'c Connection,
    of_model: Option<OfModel<'c>>,
}

struct OfModel<'c> {
    name: &'static str,
    update: Prepared<'c>,
    insert: Prepared<'c>,
}

impl<'c> AppRows<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, of_model: None }
    }

    fn of(&mut self, model: &'static Model) -> &mut OfModel<'c> {
        let connection = self.connection;
        let made = self.of_model.take().filter(|known| known.name == model.name);
        self.of_model.insert(made.unwrap_or_else(|| OfModel {
            name: model.name,
            update: Prepared::new(connection, update(model)),
            insert: Prepared::new(connection, insert(model)),
        }))
    }

    /// Writes a row.
    pub(super) fn write(&mut self, row: &ReceivedRow) -> rusqlite::Result<Written> {
        let model = row.model();
        let statements = self.of(model);
        if !row.is_new() {
            let update = statements.update.get()?;
            bind(update, row)?;
            if update.raw_execute()? > 0 {
                return Ok(Written::Updated);
            }
        }
        let insert = statements.insert.get()?;
        bind(insert, row)?;
        Ok(if insert.raw_execute()? > 0 { Written::Created } else { Written::Ignored })
    }
}

/// The result of a write.
pub(super) enum Written {
    /// The app did not have the row.
    Created,
    /// The app had the row.
    Updated,
    /// A trigger of the app ignored the statement.
    Ignored,
}

/// Binds the columns of a row, then its discriminator if that is none of them.
fn bind(statement: &mut rusqlite::CachedStatement<'_>, row: &ReceivedRow) -> rusqlite::Result<()> {
    for (index, value) in row.values().iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    if let Some(value) = further_discriminator(row.model()) {
        statement.raw_bind_parameter(row.values().len() + 1, value.1)?;
    }
    Ok(())
}

/// The discriminator of a model, if it is none of the model's columns.
fn further_discriminator(model: &Model) -> Option<(&'static str, &'static str)> {
    let own = model.discriminator?;
    (!model.columns.iter().any(|column| column.name == own.column)).then_some((own.column, own.value))
}

/// The names of the written columns, in the order of the parameters.
fn names(model: &Model) -> Vec<&'static str> {
    let columns = model.columns.iter().map(|column| column.name);
    columns.chain(further_discriminator(model).map(|(name, _)| name)).collect()
}

fn update(model: &Model) -> String {
    let mut sql = format!("UPDATE main.{} SET {} = 0", Quoted(model.table), Quoted(DIRTY_BIT));
    let mut id = 1;
    for (index, name) in names(model).into_iter().enumerate() {
        if name == ID {
            id = index + 1;
        } else {
            let _ = write!(sql, ", {} = ?{}", Quoted(name), index + 1);
        }
    }
    let _ = write!(sql, " WHERE {} = ?{id}", Quoted(ID));
    sql
}

fn insert(model: &Model) -> String {
    let (mut columns, mut values) = (Quoted(DIRTY_BIT).to_string(), "0".to_owned());
    for (index, name) in names(model).into_iter().enumerate() {
        let _ = write!(columns, ", {}", Quoted(name));
        let _ = write!(values, ", ?{}", index + 1);
    }
    format!("INSERT INTO main.{} ({columns}) VALUES ({values})", Quoted(model.table))
}

//! The rows of the app's tables that received records become.

use std::fmt::Write as _;

use rusqlite::{Connection, ErrorCode, params};
use syncline_core::Failure;
use syncline_serializer::deserialize::{Change, Saved};
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Effect, Model, Profile, ReceivedRow};
use syncline_serializer::received::{self, ExceptionClass};

use super::arrivals::Arrived;
use super::deletion;
use super::leg::Leg;
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

    /// Writes a row. Returns `true` if the app did not have it.
    fn write(&mut self, row: &ReceivedRow) -> rusqlite::Result<Written> {
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

enum Written {
    Created,
    Updated,
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

/// Writes a received record with its effects.
pub(super) fn save<P: Profile>(leg: &Leg<'_, P>, change: &Change<'_>) -> Result<Saved, Failure> {
    let Change { row, effects, .. } = change;
    if effects.is_empty() {
        let written = leg.rows.borrow_mut().write(row);
        return finish(leg, change, written);
    }
    leg.connection.execute_batch("SAVEPOINT syncline_received")?;
    let written = leg.rows.borrow_mut().write(row);
    let saved = match written {
        Ok(written) => match apply(leg, effects.as_slice())? {
            Ok(()) => finish(leg, change, Ok(written))?,
            Err(saved) => saved,
        },
        Err(error) => finish(leg, change, Err(error))?,
    };
    if !matches!(saved, Saved::Done) {
        leg.connection.execute_batch("ROLLBACK TO syncline_received")?;
    }
    leg.connection.execute_batch("RELEASE syncline_received")?;
    Ok(saved)
}

fn finish<P: Profile>(
    leg: &Leg<'_, P>,
    change: &Change<'_>,
    written: rusqlite::Result<Written>,
) -> Result<Saved, Failure> {
    let waiting = change.waiting;
    let arrived = match written {
        Ok(Written::Created) => Arrived::Created,
        Ok(Written::Updated) => Arrived::Updated,
        Ok(Written::Ignored) => {
            let text = "a trigger of the app ignored the row";
            return Ok(Saved::Failed(received::Failure::new(ExceptionClass::INTEGRITY_ERROR, text)));
        }
        Err(error) => return rejected(leg.connection, error).map(Saved::Failed),
    };
    leg.count(waiting.model_index, |counts| match arrived {
        Arrived::Created => counts.created += 1,
        _ => counts.updated += 1,
    });
    leg.done(waiting, arrived)?;
    Ok(Saved::Done)
}

/// The failure of a record that SQLite rejected.
///
/// # Errors
///
/// If the error is not about one row: SQLite has rolled the transaction back, the disk is full, or the like.
pub(super) fn rejected(
    connection: &Connection,
    error: rusqlite::Error,
) -> Result<received::Failure, Failure> {
    let class = match error.sqlite_error_code() {
        _ if connection.is_autocommit() => return Err(error.into()),
        Some(ErrorCode::ConstraintViolation) => ExceptionClass::INTEGRITY_ERROR,
        Some(ErrorCode::TooBig | ErrorCode::TypeMismatch) => ExceptionClass::new("django.db.utils.DataError"),
        _ => return Err(error.into()),
    };
    let text = match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text,
        other => other.to_string(),
    };
    Ok(received::Failure::new(class, text))
}

/// Makes the changes of other rows. The inner error is the result of the record.
pub(super) fn apply<P: Profile>(leg: &Leg<'_, P>, effects: &[Effect]) -> Result<Result<(), Saved>, Failure> {
    for effect in effects {
        let done = match effect {
            Effect::Write { .. } => write_other::<P>(leg.connection, effect),
            Effect::Set { table, of, column, value } => {
                let is_synced = P::MODELS.iter().any(|model| model.table.eq_ignore_ascii_case(table));
                let dirty = if is_synced { format!(", {} = 1", Quoted(DIRTY_BIT)) } else { String::new() };
                let sql = format!(
                    "UPDATE main.{} SET {} = ?1{dirty} WHERE {} IS ?2",
                    Quoted(table),
                    Quoted(column),
                    Quoted(of.0)
                );
                leg.connection.prepare_cached(&sql).and_then(|mut set| set.execute(params![value, of.1]))
            }
            Effect::Delete { model, id } => match deletion::delete_other(leg, model, id)? {
                Saved::Done => Ok(1),
                other => return Ok(Err(other)),
            },
        };
        if let Err(error) = done {
            return Ok(Err(Saved::Failed(rejected(leg.connection, error)?)));
        }
    }
    Ok(Ok(()))
}

/// Writes another record of the app, which becomes dirty.
fn write_other<P: Profile>(connection: &Connection, effect: &Effect) -> rusqlite::Result<usize> {
    let Effect::Write { model, id, source_id, partition, values } = effect else { return Ok(0) };
    let Some(model) = P::MODELS.iter().find(|known| known.name == *model) else { return Ok(0) };
    let mut columns: Vec<&str> = vec![ID, SOURCE_ID, PARTITION];
    columns.extend(values.iter().map(|(name, _)| *name));
    let own = model.discriminator.filter(|own| !columns.contains(&own.column));
    columns.extend(own.map(|own| own.column));
    let (mut names, mut places, mut set) =
        (Quoted(DIRTY_BIT).to_string(), "1".to_owned(), format!("{} = 1", Quoted(DIRTY_BIT)));
    for (index, name) in columns.iter().enumerate() {
        let _ = write!(names, ", {}", Quoted(name));
        let _ = write!(places, ", ?{}", index + 1);
        if *name != ID {
            let _ = write!(set, ", {name} = excluded.{name}", name = Quoted(name));
        }
    }
    let sql = format!(
        "INSERT INTO main.{} ({names}) VALUES ({places}) ON CONFLICT ({}) DO UPDATE SET {set}",
        Quoted(model.table),
        Quoted(ID)
    );
    let mut insert = connection.prepare_cached(&sql)?;
    insert.raw_bind_parameter(1, id.as_str())?;
    insert.raw_bind_parameter(2, source_id)?;
    insert.raw_bind_parameter(3, partition)?;
    for (index, (_, value)) in values.iter().enumerate() {
        insert.raw_bind_parameter(4 + index, value)?;
    }
    if let Some(own) = own {
        insert.raw_bind_parameter(4 + values.len(), own.value)?;
    }
    insert.raw_execute()
}

//! The changes of other rows that go along with a received record.

use std::fmt::Write as _;

use rusqlite::{Connection, params};
use syncline_core::Failure;
use syncline_serializer::deserialize::Saved;
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Effect, Profile};

use super::deletion;
use super::leg::Leg;
use super::rejected::rejected;
use crate::store::names::Quoted;

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

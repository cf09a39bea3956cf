//! The source of the flow: the app's dirty rows, as text.

mod list;
mod merge;
mod page;

use std::marker::PhantomData;

use rusqlite::Connection;
use syncline_core::{Emit, Halt, Progress, Source};

use crate::error::{DatabaseError, Doing};
use crate::flow::reader::Reader;
use crate::flow::{Loaded, Run};
use crate::model::Model;
use crate::profile::Profile;
use crate::store::names::Quoted;
use crate::store::selection::Selection;

use list::List;
use merge::Merge;

/// How many rows are emitted before the driver has its turn.
const CHUNK: usize = 500;

/// Or how many bytes of them.
const CHUNK_BYTES: usize = 512 * 1024;

/// Source of the dirty rows of a profile, in the order of their ids.
///
/// The store's primary key and its counters grow in that order, whatever the model: read so, the rows touch each page
/// of those indexes once. How they are found depends on how many of the tables' rows are dirty:
///
/// * Few: one pass over each table, in its own order, lists where they are; then each is read by its rowid.
/// * Many: each model's rows are read by pages through the index of its ids, each page going on behind the last id of
///   the one before, and the pages of all models are merged.
///
/// Memory: a page of each model, or the list, which has an end.
///
/// Dirty bits are cleared by [`StoreWriter`](crate::flow::StoreWriter) after the last row: no row changes under the
/// query that reads it (quirk Q17), and no id need be remembered (Q18).
#[derive(Debug)]
pub struct DirtyRows<'c, P> {
    connection: &'c Connection,
    plan: Plan,
    profile: PhantomData<fn() -> P>,
}

#[derive(Debug)]
enum Plan {
    Few(List),
    /// Over a connection of their own, where there can be a second one.
    Many(Merge, Option<Reader>),
}

impl<'c, P: Profile> DirtyRows<'c, P> {
    /// Makes ready to read the dirty rows of `P`'s models that `run` is about.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn new(run: &Run<'c, P>) -> Result<Self, DatabaseError> {
        let connection = run.connection();
        let plan = if let Some(list) = List::make::<P>(connection, run.filter())? {
            Plan::Few(list)
        } else {
            Plan::Many(Merge::new::<P>(run.filter()), Reader::open(run)?)
        };
        Ok(Self { connection, plan, profile: PhantomData })
    }

    /// How many rows it will emit.
    ///
    /// Where there are many they are counted, which takes one pass over the tables.
    ///
    /// # Errors
    ///
    /// When they cannot be counted.
    pub fn count(&self, run: &Run<'c, P>) -> Result<u64, DatabaseError> {
        match &self.plan {
            Plan::Few(list) => Ok(list.len() as u64),
            Plan::Many(..) => {
                P::MODELS.iter().map(|model| count(run.connection(), model, run.selection())).sum()
            }
        }
    }

    /// Whether they are more than a few chunks.
    #[must_use]
    pub fn is_bulk(&self) -> bool {
        match &self.plan {
            Plan::Few(list) => list.len() > 4 * CHUNK,
            Plan::Many(..) => true,
        }
    }
}

impl<P: Profile> Source for DirtyRows<'_, P> {
    type Item = Loaded;

    fn advance(&mut self, out: &mut impl Emit<Loaded>) -> Result<Progress, Halt> {
        let mut weight = 0;
        for _ in 0..CHUNK {
            let next = match &mut self.plan {
                Plan::Few(list) => list.next::<P>(self.connection)?,
                Plan::Many(merge, reader) => {
                    merge.next::<P>(reader.as_ref().map_or(self.connection, Reader::connection))?
                }
            };
            let Some(loaded) = next else {
                return Ok(Progress::Done);
            };
            weight += loaded.weight();
            out.emit(loaded)?;
            if weight >= CHUNK_BYTES {
                break;
            }
        }
        Ok(Progress::More)
    }
}

fn count(connection: &Connection, model: &Model, selection: &Selection) -> Result<u64, DatabaseError> {
    let sql = format!("SELECT count(*) FROM {} WHERE {}", Quoted(model.table), selection.condition(model));
    connection.query_row(&sql, selection.parameters(), |row| row.get(0)).doing("counting the dirty rows")
}

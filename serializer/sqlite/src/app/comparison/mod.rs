//! The comparison of the app's tables with the store, by content.
//!
//! A clean row and its store row are equal if serialising the row would write the text that the store has. Left
//! out are dirty rows of the app, which the next run serialises, and dirty rows of the store, which were received and
//! are not yet in the app's tables.
//!
//! * `app_rows.rs` reads the rows of a model in the order of their ids, each with its store row.
//! * `texts.rs` and `defaults.rs` decide if the texts are equal.
//! * `only_in_store.rs` reads the store in the order of the ids, and looks for each record in the app's tables.
//!
//! Memory: one row, and the ids of a page of rows that are to be marked.

mod app_rows;
mod defaults;
mod only_in_store;
mod report;
mod texts;

pub(crate) use only_in_store::{Ending, end, list_as_deleted, mark_for_app};
pub use report::{Comparison, FoundRecords, ModelComparison};

use rusqlite::Connection;
use syncline_serializer::model::{Model, Profile};

use crate::error::SqliteError;

/// The handling of rows that differ from the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Differing {
    /// They are counted.
    Count,
    /// They are counted and become dirty.
    Mark,
}

/// Compares the tables of those models of `P` that `selects` with the store.
///
/// Call it in a transaction: it runs several queries.
///
/// # Errors
///
/// If the database cannot be read, or a row cannot be marked.
pub(crate) fn compare<P: Profile>(
    connection: &Connection,
    differing: Differing,
    selects: impl Fn(&Model) -> bool,
) -> Result<Comparison, SqliteError> {
    let mut models = Vec::new();
    for (index, model) in P::MODELS.iter().enumerate().filter(|(_, model)| selects(model)) {
        let mut found = ModelComparison::new(model);
        app_rows::compare::<P>(connection, index, differing, &mut found)?;
        models.push(found);
    }
    only_in_store::find::<P>(connection, &mut models)?;
    Ok(Comparison { models })
}

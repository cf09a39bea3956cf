//! The ids of records that the app deleted.

use std::cell::Cell;

use rusqlite::Connection;
use syncline_core::{Emit, Failure, Halt, Progress, Source};

use crate::error::{DatabaseError, Doing, InvalidColumn};
use crate::flow::Run;
use crate::model::Row;
use crate::profile::Profile;
use crate::record_id::RecordId;
use crate::sqlite_row::SqliteRow;
use crate::store::prepared::Prepared;
use crate::value::{ColumnValue, InvalidValue};

/// How many ids a query reads.
const PAGE: usize = 500;

/// One of the lists in which an app writes down what it deleted (morango.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionList {
    /// `morango_deletedmodels`: all that was deleted.
    Deleted,
    /// `morango_harddeletedmodels`: what is to be forgotten everywhere, with its content.
    HardDeleted,
}

impl DeletionList {
    fn table(self) -> &'static str {
        match self {
            Self::Deleted => "morango_deletedmodels",
            Self::HardDeleted => "morango_harddeletedmodels",
        }
    }

    /// Empties the list, for the run's profile.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn clear<P: Profile>(self, run: &Run<'_, P>) -> Result<(), DatabaseError> {
        let connection = run.connection();
        if run.has_only_ids(self).get() {
            self.delete(connection, P::NAME, "TRUE")
        } else {
            // An id that is spelt otherwise finds no row of the store, and stays on the list, as with Morango.
            self.delete(connection, P::NAME, "length(id) = 32 AND id NOT GLOB '*[^0-9a-f]*'")
        }
        .doing("emptying a list of deletions")
    }

    fn delete(self, connection: &Connection, profile: &str, condition: &str) -> rusqlite::Result<()> {
        let table = self.table();
        let cleared = format!("profile = ?1 AND {condition}");
        if connection.prepare(&format!("SELECT 1 FROM {table} WHERE NOT ({cleared})"))?.exists([profile])? {
            connection.execute(&format!("DELETE FROM {table} WHERE {cleared}"), [profile])?;
        } else {
            // Without a condition SQLite gives back whole pages, and does not look at their rows.
            connection.execute(&format!("DELETE FROM {table}"), [])?;
        }
        Ok(())
    }
}

/// Source of the ids on a list of deletions, of one profile, in ascending order and by pages.
///
/// An id that is spelt with capitals or hyphens is passed over: no row of the store has it.
#[derive(Debug)]
pub struct ListedIds<'c> {
    first_page: Prepared<'c>,
    next_page: Prepared<'c>,
    profile: &'static str,
    list: DeletionList,
    last: Option<String>,
    /// Whether all that was read so far is spelt as the store spells it.
    has_only_ids: bool,
    found_only_ids: &'c Cell<bool>,
}

impl<'c> ListedIds<'c> {
    /// The ids of the run's profile on `list`.
    #[must_use]
    pub fn new<P: Profile>(run: &'c Run<'c, P>, list: DeletionList) -> Self {
        let page = |behind| {
            let table = list.table();
            let sql = format!("SELECT id FROM {table} WHERE profile = ?1{behind} ORDER BY id LIMIT ?2");
            Prepared::new(run.connection(), sql)
        };
        Self {
            first_page: page(""),
            next_page: page(" AND id > ?3"),
            profile: P::NAME,
            list,
            last: None,
            has_only_ids: true,
            found_only_ids: run.has_only_ids(list),
        }
    }
}

/// The id in `row` of `list`, as it is spelt there and as the store spells it. What is none might be anybody's, so it is
/// refused.
fn listed_id<'r>(list: DeletionList, row: &'r SqliteRow<'_>) -> Result<(&'r str, RecordId), Failure> {
    let parsed = match row.column(0) {
        Ok(ColumnValue::Text(spelt)) => RecordId::parse(spelt).map(|id| (spelt, id)),
        Ok(other) => Err(InvalidValue::expected("a UUID", other)),
        Err(source) => Err(source),
    };
    parsed.map_err(|source| {
        let invalid = InvalidColumn::new(list.table(), "id", row, 0, source);
        let record = invalid.record.clone();
        Failure::new(invalid).at(record)
    })
}

impl Source for ListedIds<'_> {
    type Item = RecordId;

    fn advance(&mut self, out: &mut impl Emit<RecordId>) -> Result<Progress, Halt> {
        let Self { first_page, next_page, profile, list, last, has_only_ids, found_only_ids } = self;
        let mut rows = match last.take() {
            None => first_page.get()?.query((*profile, PAGE))?,
            Some(last) => next_page.get()?.query((*profile, PAGE, last))?,
        };
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let row = SqliteRow(row);
            let (spelt, id) = listed_id(*list, &row)?;
            count += 1;
            if count == PAGE {
                *last = Some(spelt.to_owned());
            }
            if id.as_str() == spelt {
                out.emit(id)?;
            } else {
                *has_only_ids = false;
            }
        }
        if count == PAGE {
            return Ok(Progress::More);
        }
        found_only_ids.set(*has_only_ids);
        Ok(Progress::Done)
    }
}

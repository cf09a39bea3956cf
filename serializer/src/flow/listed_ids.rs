//! The ids of records that the app deleted.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use syncline_core::{Emit, Failure, Halt, Progress, Source};

use crate::error::{DatabaseError, Doing, InvalidColumn};
use crate::flow::Run;
use crate::profile::Profile;
use crate::record_id::RecordId;
use crate::value::InvalidValue;

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
        self.delete(run.connection(), P::NAME).doing("emptying a list of deletions")
    }

    fn delete(self, connection: &Connection, profile: &str) -> rusqlite::Result<()> {
        let table = self.table();
        // An id that is spelt otherwise finds no row of the store, and stays on the list, as with Morango.
        let cleared = "profile = ?1 AND length(id) = 32 AND id NOT GLOB '*[^0-9a-f]*'";
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
#[derive(Debug)]
pub struct ListedIds<'c> {
    connection: &'c Connection,
    profile: &'static str,
    list: DeletionList,
    sql: String,
    last: String,
}

impl<'c> ListedIds<'c> {
    /// The ids of the run's profile on `list`.
    #[must_use]
    pub fn new<P: Profile>(run: &Run<'c, P>, list: DeletionList) -> Self {
        let sql =
            format!("SELECT id FROM {} WHERE id > ?1 AND profile = ?2 ORDER BY id LIMIT ?3", list.table());
        Self { connection: run.connection(), profile: P::NAME, list, sql, last: String::new() }
    }
}

impl ListedIds<'_> {
    /// The id that `row` lists, as it is spelt there: an id that is none might be anybody's, so it is refused.
    fn id(&self, row: &Row<'_>) -> Result<String, Halt> {
        let (id, source) = match row.get_ref(0)? {
            ValueRef::Text(bytes) => {
                let id = String::from_utf8_lossy(bytes).into_owned();
                match RecordId::parse(&id) {
                    Ok(_) => return Ok(id),
                    Err(source) => (id, source),
                }
            }
            other => {
                let kind = other.data_type();
                (format!("{other:?}"), InvalidValue::new(format!("expected a UUID, found {kind}")))
            }
        };
        let table = self.list.table();
        Err(Failure::new(InvalidColumn { table, column: "id", record: id.clone(), source }).at(id).into())
    }
}

impl Source for ListedIds<'_> {
    type Item = String;

    fn advance(&mut self, out: &mut impl Emit<String>) -> Result<Progress, Halt> {
        let mut statement = self.connection.prepare_cached(&self.sql)?;
        let mut rows = statement.query((&self.last, self.profile, PAGE))?;
        let mut count = 0;
        let mut last = String::new();
        while let Some(row) = rows.next()? {
            let id = self.id(row)?;
            count += 1;
            if count == PAGE {
                last.clone_from(&id);
            }
            out.emit(id)?;
        }
        self.last = last;
        Ok(if count == PAGE { Progress::More } else { Progress::Done })
    }
}

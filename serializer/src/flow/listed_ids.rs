//! The ids of records that the app deleted.

use std::borrow::Cow;
use std::cell::Cell;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use syncline_core::{Emit, Failure, Halt, Progress, Source};

use crate::error::{DatabaseError, Doing, InvalidColumn};
use crate::flow::Run;
use crate::profile::Profile;
use crate::record_id::RecordId;
use crate::store::prepared::Prepared;
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
    page: Prepared<'c>,
    profile: &'static str,
    list: DeletionList,
    last: String,
    /// Whether all that was read so far is spelt as the store spells it.
    has_only_ids: bool,
    found_only_ids: &'c Cell<bool>,
}

impl<'c> ListedIds<'c> {
    /// The ids of the run's profile on `list`.
    #[must_use]
    pub fn new<P: Profile>(run: &'c Run<'c, P>, list: DeletionList) -> Self {
        let sql =
            format!("SELECT id FROM {} WHERE id > ?1 AND profile = ?2 ORDER BY id LIMIT ?3", list.table());
        Self {
            page: Prepared::new(run.connection(), sql),
            profile: P::NAME,
            list,
            last: String::new(),
            has_only_ids: true,
            found_only_ids: run.has_only_ids(list),
        }
    }
}

/// An id on a list.
struct Listed<'r> {
    /// As it stands there.
    spelt: Cow<'r, str>,
    /// The same, unless it is spelt otherwise than the store spells it.
    canonical: Option<RecordId>,
}

/// The id that `row` of `list` holds. What is none might be anybody's, so it is refused.
fn listed_id<'r>(list: DeletionList, row: &'r Row<'_>) -> Result<Listed<'r>, Halt> {
    let (spelt, source) = match row.get_ref(0)? {
        ValueRef::Text(bytes) => {
            let spelt = String::from_utf8_lossy(bytes);
            match RecordId::parse(&spelt) {
                Ok(id) => {
                    let canonical = (id.as_str() == spelt).then_some(id);
                    return Ok(Listed { spelt, canonical });
                }
                Err(source) => (spelt.into_owned(), source),
            }
        }
        other => {
            let kind = other.data_type();
            (format!("{other:?}"), InvalidValue::new(format!("expected a UUID, found {kind}")))
        }
    };
    let (table, record) = (list.table(), spelt.clone());
    Err(Failure::new(InvalidColumn { table, column: "id", record, source }).at(spelt).into())
}

impl Source for ListedIds<'_> {
    type Item = RecordId;

    fn advance(&mut self, out: &mut impl Emit<RecordId>) -> Result<Progress, Halt> {
        let Self { page, profile, list, last, has_only_ids, found_only_ids } = self;
        let mut rows = page.get()?.query((last.as_str(), *profile, PAGE))?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let listed = listed_id(*list, row)?;
            count += 1;
            if count == PAGE {
                last.clear();
                last.push_str(&listed.spelt);
            }
            match listed.canonical {
                Some(id) => out.emit(id)?,
                None => *has_only_ids = false,
            }
        }
        if count == PAGE {
            return Ok(Progress::More);
        }
        found_only_ids.set(*has_only_ids);
        Ok(Progress::Done)
    }
}

//! The ids of records that the app deleted.

use std::cell::Cell;

use rusqlite::Connection;
use syncline_core::{Emit, Failure, Halt, Progress, Source};
use syncline_serializer::model::{InvalidColumn, Profile, Row};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::{ColumnValue, InvalidValue};

use crate::error::{Doing, RunError as DatabaseError};
use crate::flow::Run;
use crate::flow::left_out::LeaveOut;
use crate::sqlite_row::SqliteRow;
use crate::store::prepared::Prepared;

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

    /// Empties the list of what the run is about, for its profile.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn clear<P: Profile>(self, run: &Run<'_, P>) -> Result<(), DatabaseError> {
        let connection = run.connection();
        let condition = if run.has_only_ids(self).get() {
            "TRUE"
        } else {
            // An id that is spelt otherwise finds no row of the store, and stays on the list, as with Morango.
            "typeof(id) = 'text' AND length(id) = 32 AND id NOT GLOB '*[^0-9a-f]*'"
        };
        if run.deletions().is_all() {
            self.delete(connection, P::NAME, condition)
        } else {
            self.delete_in(connection, P::NAME, condition, run.deletions())
        }
        .doing("emptying a list of deletions")
        .map_err(DatabaseError::from)
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

    fn delete_in(
        self,
        connection: &Connection,
        profile: &str,
        condition: &str,
        range: &IdRange,
    ) -> rusqlite::Result<()> {
        let table = self.table();
        let sql = format!(
            "DELETE FROM {table} WHERE (?1 IS NULL OR id > ?1) AND (?2 IS NULL OR id <= ?2) AND profile = ?3 \
             AND {condition}"
        );
        connection.execute(&sql, (&range.after, &range.up_to, profile))?;
        Ok(())
    }
}

/// Some of the ids on the lists of deletions. What is hard deleted is to be wiped in the transaction that marks it as
/// deleted and counts it, so both lists are read by the same ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdRange {
    /// The id before the first, where some come before it.
    after: Option<String>,
    /// The last, where more come behind it.
    up_to: Option<String>,
}

impl IdRange {
    /// All ids.
    pub(crate) const ALL: Self = Self { after: None, up_to: None };

    /// The next `count` ids of either list behind `before`, or all that are left: the first ones where `before` is none.
    pub(crate) fn next(
        connection: &Connection,
        profile: &str,
        before: Option<Self>,
        count: usize,
    ) -> rusqlite::Result<Self> {
        let after = before.and_then(|before| before.up_to);
        let mut up_to: Option<String> = None;
        for list in [DeletionList::Deleted, DeletionList::HardDeleted] {
            let sql = format!(
                "SELECT id FROM {} WHERE id > ?1 AND profile = ?2 AND typeof(id) = 'text' \
                 ORDER BY id LIMIT 2 OFFSET ?3",
                list.table()
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let others = i64::try_from(count - 1).unwrap_or(i64::MAX);
            let mut rows = statement.query((after.as_deref().unwrap_or_default(), profile, others))?;
            let Some(last) = rows.next()?.map(|row| row.get::<_, String>(0)).transpose()? else { continue };
            // Where it is the very last, there is no need of another range.
            if rows.next()?.is_some() {
                up_to = Some(up_to.map_or(last.clone(), |other| other.min(last)));
            }
        }
        Ok(Self { after, up_to })
    }

    /// Whether no ids come behind it.
    pub(crate) fn is_last(&self) -> bool {
        self.up_to.is_none()
    }

    fn is_all(&self) -> bool {
        *self == Self::ALL
    }
}

/// Source of the ids on a list of deletions, of one profile, in ascending order and by pages.
///
/// An id that is spelt with capitals or hyphens is passed over where no row of the store has it. Where one has, there can be
/// no counter for it: it is refused, as by Morango.
#[derive(Debug)]
pub struct ListedIds<'c> {
    first_page: Prepared<'c>,
    next_page: Prepared<'c>,
    stored: Prepared<'c>,
    profile: &'static str,
    list: DeletionList,
    last: Option<String>,
    up_to: Option<&'c str>,
    left_out: &'c dyn LeaveOut,
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
            let up_to = if run.deletions().is_last() { "" } else { " AND (id IS NULL OR id <= ?3)" };
            let sql =
                format!("SELECT id FROM {table} WHERE profile = ?1{up_to}{behind} ORDER BY id LIMIT ?2");
            Prepared::new(run.connection(), sql)
        };
        Self {
            first_page: page(""),
            next_page: page(" AND id > ?4"),
            stored: Prepared::new(run.connection(), "SELECT 1 FROM morango_store WHERE id = ?1"),
            profile: P::NAME,
            list,
            last: run.deletions().after.clone(),
            up_to: run.deletions().up_to.as_deref(),
            left_out: run.left_out(),
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
        let Self { first_page, next_page, stored, profile, list, last, up_to, left_out, .. } = self;
        // An id that is left out takes no place in the page.
        let limit = if left_out.is_allowed() { usize::MAX / 2 } else { PAGE };
        let (page, last_page) = match &*last {
            None => (first_page.get()?, None),
            Some(last) => (next_page.get()?, Some(last)),
        };
        page.raw_bind_parameter(1, *profile)?;
        page.raw_bind_parameter(2, limit)?;
        if let Some(up_to) = up_to {
            page.raw_bind_parameter(3, *up_to)?;
        }
        if let Some(last) = last_page {
            page.raw_bind_parameter(4, last)?;
        }
        let mut rows = page.raw_query();
        let mut count = 0;
        while count < PAGE
            && let Some(row) = rows.next()?
        {
            let row = SqliteRow(row);
            let listed = listed_id(*list, &row).and_then(|(spelt, id)| {
                if id.as_str() != spelt && stored.get()?.exists([spelt])? {
                    let source = InvalidValue::new("the store spells it so too, and a counter would not");
                    let invalid = InvalidColumn::new(list.table(), "id", &row, 0, source);
                    return Err(Failure::new(invalid).at(spelt));
                }
                Ok((spelt, id))
            });
            let (spelt, id) = match listed {
                Ok(listed) => listed,
                Err(failure) => {
                    self.has_only_ids = false;
                    left_out.row("ListedIds", list.table(), row.0.get_ref(0)?, failure)?;
                    continue;
                }
            };
            count += 1;
            if count == PAGE {
                *last = Some(spelt.to_owned());
            }
            if id.as_str() == spelt {
                out.emit(id)?;
            } else {
                self.has_only_ids = false;
            }
        }
        if count == PAGE {
            return Ok(Progress::More);
        }
        self.found_only_ids.set(self.has_only_ids);
        Ok(Progress::Done)
    }
}

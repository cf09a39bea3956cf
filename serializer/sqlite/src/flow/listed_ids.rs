//! `ListedIds`: the source of the ids of deleted records.

use rusqlite::types::ValueRef;
use syncline_core::{Emit, Failure, Halt, Progress, Source};
use syncline_serializer::model::{InvalidColumn, Profile, Row};
use syncline_serializer::record_id::RecordId;
use syncline_serializer::serialize::backend::{LeaveOut, Tickets};
use syncline_serializer::serialize::{CHUNK, DeletionList, FailedRow, ListedId, SerializeStore as _};
use syncline_serializer::value::{ColumnValue, InvalidValue};

use crate::flow::transaction::SyncTransaction;
use crate::sqlite_row::SqliteRow;
use crate::store::prepared::Prepared;

/// The number of ids that a query reads.
const PAGE: usize = CHUNK.get();

/// Source of the ids on a list of deletions, of one profile, in ascending order. It reads pages.
///
/// An id with capitals or hyphens is skipped if no row of the store has it. If a row has it, the id is an error, as
/// with Morango, because it can have no counter.
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
    tickets: Tickets,
}

impl<'c> ListedIds<'c> {
    /// Creates a source of the ids on `list` of the run's profile.
    #[must_use]
    pub fn new<P: Profile>(run: &'c SyncTransaction<'_, P>, list: DeletionList) -> Self {
        let page = |behind| {
            let table = list.table();
            let up_to = if run.deletions().is_last() { "" } else { " AND (id IS NULL OR id <= ?3)" };
            let sql =
                format!("SELECT id FROM {table} WHERE profile = ?1{up_to}{behind} ORDER BY id LIMIT ?2");
            Prepared::new(run.connection(), sql)
        };
        let tickets = Tickets::new();
        run.state().enter_list(&tickets, list);
        Self {
            first_page: page(""),
            next_page: page(" AND id > ?4"),
            stored: Prepared::new(run.connection(), "SELECT 1 FROM morango_store WHERE id = ?1"),
            profile: P::NAME,
            list,
            last: run.deletions().after.clone(),
            up_to: run.deletions().up_to.as_deref(),
            left_out: run.left_out(),
            tickets,
        }
    }
}

/// The id in `row` of `list`, as spelt there and as the store spells it. Another value is an error, because it may
/// stand for any record.
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

/// Formats an id for a message. If the column contains another type than text, the name of that type in parentheses.
pub(super) fn shown(id: ValueRef<'_>) -> String {
    match id {
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("({})", other.data_type()),
    }
}

impl Source for ListedIds<'_> {
    type Item = ListedId;

    fn advance(&mut self, out: &mut impl Emit<ListedId>) -> Result<Progress, Halt> {
        let Self { first_page, next_page, stored, profile, list, last, up_to, left_out, tickets } = self;
        // An id that is left out does not count for the page.
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
                    let source = InvalidValue::new("the store has this id in the same spelling, and its counters cannot refer to it: write the id in lower case \
                         without hyphens in both tables");
                    let invalid = InvalidColumn::new(list.table(), "id", &row, 0, source);
                    return Err(Failure::new(invalid).at(spelt));
                }
                Ok((spelt, id))
            });
            let (spelt, id) = match listed {
                Ok(listed) => listed,
                Err(failure) => {
                    left_out.leave_out(
                        "ListedIds",
                        FailedRow::new(list.table(), shown(row.0.get_ref(0)?)),
                        failure,
                    )?;
                    tickets.void();
                    continue;
                }
            };
            count += 1;
            if count == PAGE {
                *last = Some(spelt.to_owned());
            }
            if id.as_str() == spelt {
                out.emit(ListedId::new(id, tickets))?;
            } else {
                tickets.void();
            }
        }
        if count == PAGE {
            return Ok(Progress::More);
        }
        tickets.close();
        Ok(Progress::Done)
    }
}

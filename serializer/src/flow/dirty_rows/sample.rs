//! A few dirty rows, to see how large they are.

use std::collections::VecDeque;

use rusqlite::{Connection, params_from_iter};

use crate::flow::Loaded;
use crate::flow::dirty_rows::page::{Page, Places, select};
use crate::model::Syncable;
use crate::profile::ModelVisitor;
use crate::store::selection::dirty;

/// Reads a few dirty rows of a model. Those that cannot be serialised are left out: of them is heard when their turn comes.
pub(super) struct Sample<'c> {
    pub(super) connection: &'c Connection,
    /// Where such rows stand. If that is not known, the first ones are taken, which are soon found where there are many.
    pub(super) rowids: Option<Vec<i64>>,
}

/// How many rows are looked at.
const ROWS: usize = 20;

/// How many, where each has to be found.
pub(super) const LISTED_ROWS: usize = 4;

impl ModelVisitor for Sample<'_> {
    type Output = rusqlite::Result<VecDeque<Loaded>>;

    fn visit<M: Syncable>(self) -> Self::Output {
        let (condition, values) = match self.rowids {
            Some(rowids) => (format!("rowid IN ({})", vec!["?"; rowids.len()].join(", ")), rowids),
            None => (format!("{} LIMIT {ROWS}", dirty(M::MODEL)), Vec::new()),
        };
        let sql = format!("{} WHERE {condition}", select(M::MODEL, &[]));
        let mut statement = self.connection.prepare(&sql)?;
        let (mut rows, places) = (statement.query(params_from_iter(values))?, Places::of(M::MODEL));
        let (mut page, mut sample) = (Page::default(), VecDeque::new());
        while let Some(row) = rows.next()? {
            page.try_load::<M>(row, &places, None).ok();
        }
        page.empty_into(&mut sample);
        Ok(sample)
    }
}

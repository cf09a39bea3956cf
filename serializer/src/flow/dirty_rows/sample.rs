//! A few dirty rows, to see how large they are.

use std::collections::VecDeque;

use rusqlite::Connection;

use crate::flow::Loaded;
use crate::flow::dirty_rows::page::{Page, Places, select};
use crate::model::Syncable;
use crate::profile::ModelVisitor;
use crate::store::selection::dirty;

/// The first dirty rows of a model, of those that can be serialised.
pub(crate) struct First<'c> {
    pub(crate) connection: &'c Connection,
}

/// How many rows are looked at.
const ROWS: usize = 20;

impl ModelVisitor for First<'_> {
    type Output = rusqlite::Result<VecDeque<Loaded>>;

    fn visit<M: Syncable>(self) -> Self::Output {
        let sql = format!("{} WHERE {} LIMIT ?1", select(M::MODEL, &[]), dirty(M::MODEL));
        let mut statement = self.connection.prepare(&sql)?;
        let (mut rows, places) = (statement.query([ROWS])?, Places::of(M::MODEL));
        let (mut page, mut sample) = (Page::default(), VecDeque::new());
        while let Some(row) = rows.next()? {
            // One that cannot be serialised is heard of when its turn comes.
            page.try_load::<M>(row, &places, None).ok();
        }
        page.empty_into(&mut sample);
        Ok(sample)
    }
}

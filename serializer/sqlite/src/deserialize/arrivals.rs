//! Arrivals: the records that received changes wrote, for an app that wants to hear of them.
//!
//! They are rows of a table of the app's own database, written in the leg's transaction. So they are there after a crash until the
//! app has acknowledged them.

use rusqlite::{Connection, params};
use syncline_serializer::model::{Lists, Profile, Syncable};
use syncline_serializer::record_id::RecordId;

use crate::database::Database;
use crate::error::{DatabaseError, Doing, SqliteError};
use crate::store::schema::is_of_django;

const TABLE: &str = "syncline_arrivals";

/// The change of a record that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Arrived {
    /// The app did not have the record.
    Created,
    /// The app had the record.
    Updated,
    /// The record was deleted: its deletion arrived, or that of a record that it refers to.
    Deleted,
    /// The record could not be written. [`StoreRow`](crate::StoreRow) has the reason.
    Failed,
}

impl Arrived {
    fn as_sql(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Failed => "failed",
        }
    }

    fn of_sql(text: &str) -> Option<Self> {
        [Self::Created, Self::Updated, Self::Deleted, Self::Failed]
            .into_iter()
            .find(|arrived| arrived.as_sql() == text)
    }
}

/// A record that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arrival {
    /// The name of the model.
    pub model: String,
    /// The id of the record.
    pub id: RecordId,
    /// The change.
    pub arrived: Arrived,
}

impl Arrival {
    /// Returns `true` if it is a record of the model `M`.
    #[must_use]
    pub fn is<M: Syncable>(&self) -> bool {
        self.model == M::NAME
    }

    /// The id, if it is a record of the model `M`.
    #[must_use]
    pub fn id_of<M: Syncable>(&self) -> Option<RecordId> {
        self.is::<M>().then_some(self.id)
    }
}

/// The records that arrived and are not acknowledged, the first first. Each is there once, with its last change.
///
/// Returned by [`Database::arrivals`]. They come again at the next call, and after a crash, until they are
/// [acknowledged](Self::acknowledge).
#[derive(Debug)]
#[must_use = "they come again until they are acknowledged"]
pub struct Arrivals<'d> {
    connection: &'d Connection,
    profile: &'static str,
    read_to: i64,
    page: std::vec::IntoIter<(i64, Arrival)>,
    is_over: bool,
}

/// The number of arrivals that are read at once.
const PAGE: usize = 250;

const READING: &str = "reading arrivals";

impl Arrivals<'_> {
    fn next_page(&mut self) -> Result<(), SqliteError> {
        let sql = format!(
            "SELECT place, model, id, arrived FROM main.{TABLE} WHERE profile = ?1 AND place > ?2 ORDER BY place LIMIT ?3"
        );
        let mut select = self.connection.prepare_cached(&sql).doing(READING)?;
        let rows = select.query_map(params![self.profile, self.read_to, PAGE], |row| {
            let arrived = Arrived::of_sql(&row.get::<_, String>(3)?).unwrap_or(Arrived::Updated);
            Ok((row.get(0)?, Arrival { model: row.get(1)?, id: row.get(2)?, arrived }))
        });
        let page: Vec<_> = rows.and_then(Iterator::collect).doing(READING)?;
        self.is_over = page.is_empty();
        self.page = page.into_iter();
        Ok(())
    }

    /// Removes the arrivals that were returned so far. Those that came meanwhile stay.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn acknowledge(self) -> Result<(), SqliteError> {
        let sql = format!("DELETE FROM main.{TABLE} WHERE profile = ?1 AND place <= ?2");
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut delete| delete.execute((self.profile, self.read_to)))
            .map(drop)
            .doing("acknowledging arrivals")
    }
}

impl Iterator for Arrivals<'_> {
    type Item = Result<Arrival, SqliteError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((place, arrival)) = self.page.next() {
                self.read_to = place;
                return Some(Ok(arrival));
            }
            if self.is_over {
                return None;
            }
            if let Err(error) = self.next_page() {
                self.is_over = true;
                return Some(Err(error));
            }
        }
    }
}

impl Database {
    /// Returns the records that arrived since the app last acknowledged them, from the first call on: that call asks for them, and
    /// returns none.
    ///
    /// Every later [`deserialize`](Self::deserialize), also as a part of a sync, writes them down in its transaction. A screen reads
    /// them after the sync, shows these records anew, and acknowledges them. In a database with `django_migrations`
    /// nothing is added, so there are none; the report of the run has the numbers.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn arrivals<P: Profile>(&self) -> Result<Arrivals<'_>, DatabaseError> {
        let connection = self.connection();
        let has_none = is_of_django(connection)?;
        if !has_none {
            connection
                .execute_batch(&format!(
                    "CREATE TABLE IF NOT EXISTS main.{TABLE} (
                        place integer PRIMARY KEY AUTOINCREMENT,
                        profile varchar(40) NOT NULL,
                        model varchar(40) NOT NULL,
                        id char(32) NOT NULL,
                        arrived varchar(10) NOT NULL,
                        UNIQUE (id, profile)
                    )"
                ))
                .doing("making the table of arrivals")?;
        }
        let page = Vec::new().into_iter();
        Ok(Arrivals { connection, profile: P::NAME, read_to: 0, page, is_over: has_none })
    }

    /// The ids of the records of `M` that arrived, as [`arrivals`](Self::arrivals) returns them, and their changes.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn arrivals_of<P: Lists<M>, M: Syncable>(&self) -> Result<Vec<(RecordId, Arrived)>, DatabaseError> {
        let mut found = Vec::new();
        for arrival in self.arrivals::<P>()? {
            let arrival = arrival?;
            if arrival.is::<M>() {
                found.push((arrival.id, arrival.arrived));
            }
        }
        Ok(found)
    }
}

/// The arrivals of a run.
#[derive(Debug)]
pub(super) struct NotedArrivals<'c> {
    connection: &'c Connection,
    profile: &'static str,
    /// `true` if the app has asked for them.
    are_wanted: bool,
}

impl<'c> NotedArrivals<'c> {
    pub(super) fn begin(connection: &'c Connection, profile: &'static str) -> Result<Self, SqliteError> {
        let are_wanted = connection.table_exists(Some("main"), TABLE).doing(READING)?;
        Ok(Self { connection, profile, are_wanted })
    }

    pub(super) fn are_wanted(&self) -> bool {
        self.are_wanted
    }

    /// Notes a change. A record that the app has not seen yet stays a created one.
    pub(super) fn note(&self, model: &str, id: &str, arrived: Arrived) -> rusqlite::Result<()> {
        if !self.are_wanted {
            return Ok(());
        }
        let before: Option<String> = self
            .connection
            .prepare_cached(&format!("SELECT arrived FROM main.{TABLE} WHERE id = ?1 AND profile = ?2"))?
            .query_map((id, self.profile), |row| row.get(0))?
            .next()
            .transpose()?;
        let arrived = match (before.as_deref().and_then(Arrived::of_sql), arrived) {
            (Some(Arrived::Created), Arrived::Updated) => Arrived::Created,
            (_, arrived) => arrived,
        };
        // The row gets a new place, so that an acknowledgement of the change before does not remove it.
        self.connection
            .prepare_cached(&format!(
                "INSERT OR REPLACE INTO main.{TABLE} (profile, model, id, arrived) VALUES (?1, ?2, ?3, ?4)"
            ))?
            .execute((self.profile, model, id, arrived.as_sql()))
            .map(drop)
    }
}

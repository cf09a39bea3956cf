//! The builder of a deserialise run.

use std::fmt;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use syncline_core::{CancelToken, Observer, RunEnd};
use syncline_serializer::deserialize::Deserialized;
use syncline_serializer::model::Profile;

use super::job::run;
use super::options::DeserializeOptions;
use crate::connection_settings::ConnectionSettings;
use crate::database::Database;
use crate::error::{Doing, RunError};
use crate::flow::{LaterSchema, begin_immediate};

/// The settings of a deserialise run. Created by [`Database::deserialize`].
///
/// The run is one `IMMEDIATE` transaction: if it fails, or the process is killed, the database is unchanged.
#[must_use = "nothing is deserialised until it is run"]
pub struct Deserialize<'d, P> {
    database: &'d mut Database,
    options: DeserializeOptions,
    busy_timeout: Duration,
    observer: Option<Box<dyn Observer + 'd>>,
    later_schema: LaterSchema,
    cancel: Option<CancelToken>,
    profile: PhantomData<P>,
}

impl Database {
    /// Writes the received changes of `P`'s models from the store to the app's tables. See [`Deserialize`].
    ///
    /// A received record is checked like one of the app's own: its fields, its references, the constraints of its table. One that
    /// fails stays in the store, with the reason, and is tried again by every later run. A row of the app with changes that
    /// are not serialised is never overwritten, so [serialise](Self::serialize) first.
    pub fn deserialize<P: Profile>(&mut self) -> Deserialize<'_, P> {
        Deserialize {
            database: self,
            options: DeserializeOptions::default(),
            busy_timeout: Duration::from_secs(30),
            observer: None,
            later_schema: LaterSchema::Refused,
            cancel: None,
            profile: PhantomData,
        }
    }
}

impl<'d, P: Profile> Deserialize<'d, P> {
    /// Selects the records whose partition begins with `prefix`. White space separates several prefixes. Several calls select the
    /// records under any of their prefixes.
    pub fn filter(mut self, prefix: &str) -> Self {
        self.options.filter.add(prefix);
        self
    }

    /// Leaves out records that failed in an earlier run. By default they are tried again.
    pub fn skip_erroring(mut self) -> Self {
        self.options.skip_erroring = true;
        self
    }

    /// Sets the time to wait for another program that has locked the database. The default is 30 seconds.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Sets the observer: it receives the number of records, after each chunk its records, and the end of the run.
    pub fn progress(mut self, observer: impl Observer + 'd) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Cancels the run with `token`, between two chunks and within a long statement. Nothing is written then.
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }

    /// Runs even if the application that makes the tables has a later migration or a further column than the profile was
    /// written for ([`KnownSchema`](syncline_serializer::model::KnownSchema)). By default such a run is refused.
    pub fn accept_later_schema(mut self) -> Self {
        self.later_schema = LaterSchema::Accepted;
        self
    }

    /// Sets the time of the run, in microseconds since 1970-01-01 UTC, for rules that need one. By default it is now.
    pub fn at(mut self, now: i64) -> Self {
        self.options.now = Some(now);
        self
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// If the tables do not match `P`, the database is locked for longer than the busy timeout or cannot be written, or the run is
    /// [cancelled](RunError::Cancelled). The database is unchanged then. A record that cannot be written is no error: the
    /// report counts it.
    pub fn run(self) -> Result<Deserialized, RunError> {
        let start = Instant::now();
        let Self { database, options, busy_timeout, mut observer, later_schema, cancel, .. } = self;
        let settings = ConnectionSettings::for_writing(database, busy_timeout, cancel.as_ref())?;
        let database = &*settings.database;
        let work = |observer: Option<&mut (dyn Observer + '_)>| {
            let Database { connection, path } = database;
            let transaction = begin_immediate(connection, path, busy_timeout, cancel.as_ref())?;
            let done = run::<P>(&transaction, &options, later_schema, observer, cancel.as_ref())?;
            if cancel.as_ref().is_some_and(CancelToken::is_cancelled) {
                return Err(RunError::Cancelled);
            }
            transaction.commit().doing("committing")?;
            Ok(done)
        };
        let done: Result<Deserialized, RunError> =
            work(observer.as_deref_mut().map(|observer| observer as _));
        let done = done.map_err(|mut error| {
            error.name_damage(&database.connection);
            error
        });
        if let Some(observer) = &mut observer {
            observer.end(match &done {
                Ok(_) => RunEnd::Finished,
                Err(error) if error.is_cancelled() => RunEnd::Cancelled,
                Err(_) => RunEnd::Failed,
            });
        }
        drop(settings);
        done.map(|mut deserialized| {
            deserialized.elapsed = start.elapsed();
            deserialized
        })
    }
}

impl<P> fmt::Debug for Deserialize<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deserialize").field("options", &self.options).finish_non_exhaustive()
    }
}

//! `SyncRun`: the builder of a sync with another database in this process.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use syncline_core::CancelToken;
use syncline_serializer::filter::Filter;
use syncline_serializer::model::Profile;
use syncline_transfer::{
    Direction, InProcess, Instance, Observe, SessionStore as _, SyncOptions, SyncProgress, Synced,
};

use super::sync_store::SyncStore;
use crate::database::Database;
use crate::error::TransferError;
use crate::flow::LaterSchema;

/// A sync of two databases failed or was cancelled.
pub type SyncError = syncline_transfer::SyncError<TransferError, TransferError>;

/// The first half of a sync: this database. [`with`](Self::with) names the peer. Created by [`Database::sync`].
#[must_use = "nothing is synced until it has a peer and is run"]
pub struct SyncWith<'d, P> {
    here: &'d mut Database,
    profile: PhantomData<P>,
}

impl Database {
    /// Exchanges the records of `P` with another database. See [`SyncRun`].
    pub fn sync<P: Profile>(&mut self) -> SyncWith<'_, P> {
        SyncWith { here: self, profile: PhantomData }
    }
}

impl<'d, P: Profile> SyncWith<'d, P> {
    /// Names the peer: another database that this process has open.
    pub fn with(self, peer: &'d mut Database) -> SyncRun<'d, P> {
        SyncRun {
            here: self.here,
            there: peer,
            filter: Filter::everything(),
            options: SyncOptions::default(),
            busy_timeout: Duration::from_secs(30),
            as_this_machine: false,
            later_schema: LaterSchema::Refused,
            on_progress: None,
            cancel: None,
            profile: PhantomData,
        }
    }
}

/// The settings of a sync of two databases. Created by [`Database::sync`].
///
/// First this database pulls: the peer serialises its changes, and what this database lacks is handed over, merged into its
/// store, and written to the app's tables. Then it pushes, which is the same in the other direction. Records that both changed are in conflict: the receiver's
/// text stays, and the other is kept beside it ([`Database::conflicts`]).
///
/// The databases are handled as two devices on a network: there is a sync session, a transfer session for each direction, and
/// every stage of it is written down before it begins. A sync that was cut or killed is finished by the next one with the same
/// peer and filter, before that begins its own transfers. Records are handed over in chunks, so that memory does not grow with
/// their number.
///
/// ```
/// # use syncline_serializer::Profile;
/// # use syncline_sqlite::Database;
/// # fn sync<Notes: Profile>() -> Result<(), Box<dyn std::error::Error>> {
/// let mut here = Database::open("notes.sqlite3")?;
/// let mut there = Database::open("/media/stick/notes.sqlite3")?;
/// let synced = here.sync::<Notes>().with(&mut there).run()?;
/// println!("{synced}");
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is synced until it is run"]
pub struct SyncRun<'d, P> {
    here: &'d mut Database,
    there: &'d mut Database,
    filter: Filter,
    options: SyncOptions,
    busy_timeout: Duration,
    as_this_machine: bool,
    later_schema: LaterSchema,
    on_progress: Option<OnProgress<'d>>,
    cancel: Option<CancelToken>,
    profile: PhantomData<P>,
}

type OnProgress<'d> = Box<dyn FnMut(SyncProgress) + 'd>;

impl<'d, P: Profile> SyncRun<'d, P> {
    /// Selects the records whose partition begins with `prefix`. White space separates several prefixes.
    ///
    /// Several calls select the records under any of their prefixes.
    pub fn filter(mut self, prefix: &str) -> Self {
        self.filter.add(prefix);
        self
    }

    /// Only pulls: nothing is sent to the peer.
    pub fn pull_only(mut self) -> Self {
        self.options.directions = vec![Direction::Pull];
        self
    }

    /// Only pushes: nothing is received from the peer.
    pub fn push_only(mut self) -> Self {
        self.options.directions = vec![Direction::Push];
        self
    }

    /// Sets the largest number of records in a chunk. The default is 500. A chunk also ends at 2 MiB.
    pub fn chunk_size(mut self, records: NonZeroUsize) -> Self {
        self.options.chunk = records;
        self
    }

    /// Sets the time to wait for another program that has one of the databases locked. The default is 30 seconds.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Calls `told` before each step of a transfer.
    pub fn progress(mut self, told: impl FnMut(SyncProgress) + 'd) -> Self {
        self.on_progress = Some(Box::new(told));
        self
    }

    /// Cancels the sync with `token`: between two steps, and within a long statement. The next sync with this peer resumes.
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }

    /// Computes the current instances first, as [`Database::open`] does at opening, unless both databases are the same
    /// instance. It is for a program that does not know whether a file was copied from another machine.
    ///
    /// A database of another application, with `django_migrations`, keeps its current instance.
    pub fn as_this_machine(mut self) -> Self {
        self.as_this_machine = true;
        self
    }

    /// Runs even if the application that makes the tables has a later migration or a further column than the profile was written
    /// for, on either side. By default such a sync is refused
    /// ([`Serialize::accept_later_schema`](crate::Serialize::accept_later_schema)).
    pub fn accept_later_schema(mut self) -> Self {
        self.later_schema = LaterSchema::Accepted;
        self
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// * If both databases are [one instance](syncline_transfer::SyncError::SameInstance), as after one was copied: nothing is
    ///   written. [`Database::restored`] gives the copy an id of its own.
    /// * If the tables of one do not match `P`: nothing is written.
    /// * If a record or a counter [cannot be taken](syncline_transfer::SyncError::Invalid), because it was tampered with: the
    ///   sessions end on both sides, and nothing of that transfer is in the store of the receiver.
    /// * If a database is locked for longer than the busy timeout or cannot be written, or the sync is
    ///   [cancelled](syncline_transfer::SyncError::Cancelled): the next sync resumes.
    pub fn run(self) -> Result<Synced, SyncError> {
        let start = Instant::now();
        let Self {
            here,
            there,
            filter,
            mut options,
            busy_timeout,
            as_this_machine,
            later_schema,
            on_progress,
            cancel,
            ..
        } = self;
        let store = |database| {
            SyncStore::<P>::new(database)
                .busy_timeout(busy_timeout)
                .cancelled_by(cancel.clone())
                .later_schema(later_schema)
        };
        let (mut here, mut there) = (store(here), store(there));
        if as_this_machine {
            let ours = here.instance().map_err(cancelled(SyncError::store))?;
            let theirs = there.instance().map_err(cancelled(SyncError::peer))?;
            refuse_same(&ours, &theirs)?;
            here.become_this_machine().map_err(cancelled(SyncError::store))?;
            there.become_this_machine().map_err(cancelled(SyncError::peer))?;
        }
        options.filter = filter.distinct_prefixes().collect::<Vec<_>>().join("\n");
        options.connection_path = there.path();
        let mut observer = Observer { on_progress, cancel };
        let synced =
            syncline_transfer::sync(&mut here, &mut InProcess::new(&mut there), options, &mut observer);
        let mut synced = synced.map_err(interrupted)?;
        synced.elapsed = start.elapsed();
        Ok(synced)
    }
}

fn refuse_same(ours: &Instance, theirs: &Instance) -> Result<(), SyncError> {
    if ours.id == theirs.id {
        return Err(SyncError::SameInstance { instance: ours.id, is_foreign: ours.is_foreign });
    }
    Ok(())
}

/// An interrupted statement is a cancelled sync.
fn interrupted(error: SyncError) -> SyncError {
    match &error {
        SyncError::Store(source) | SyncError::Peer(source) if source.is_cancelled() => SyncError::Cancelled,
        SyncError::CutHere { source, .. } | SyncError::CutThere { source, .. } if source.is_cancelled() => {
            SyncError::Cancelled
        }
        _ => error,
    }
}

fn cancelled(of: impl FnOnce(TransferError) -> SyncError) -> impl FnOnce(TransferError) -> SyncError {
    |error| interrupted(of(error))
}

struct Observer<'d> {
    on_progress: Option<OnProgress<'d>>,
    cancel: Option<CancelToken>,
}

impl Observe for Observer<'_> {
    fn progress(&mut self, progress: SyncProgress) {
        if let Some(told) = &mut self.on_progress {
            told(progress);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(CancelToken::is_cancelled)
    }
}

impl<P> fmt::Debug for SyncWith<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncWith").finish_non_exhaustive()
    }
}

impl<P> fmt::Debug for SyncRun<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncRun").field("filter", &self.filter).finish_non_exhaustive()
    }
}

//! A second sink of a pipeline: for dead letters, or for copies.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Failure;
use crate::report::Tally;
use crate::run::CommitHooks;
use crate::sink::Commit;
use crate::sink::Sink;

/// A second sink of a pipeline: for dead letters, or for copies.
pub(crate) struct SecondSink<K> {
    place: Place<K>,
    commit: Option<CommitWith<K>>,
    /// The tally of the sink when it was finished.
    tally: Tally,
}

/// The function that commits a sink, if it implements [`Commit`].
type CommitWith<K> = fn(&mut K) -> Result<(), Failure>;

/// The place of a sink.
enum Place<K> {
    Here(K),
    /// Shared with the commit hooks of the run. Both are on one thread, so the lock never waits; but a stage must stay
    /// `Send`.
    Shared(Arc<Mutex<Option<K>>>),
    Gone,
}

/// The content of the lock, even after a panic.
fn open<K>(sink: &Mutex<Option<K>>) -> MutexGuard<'_, Option<K>> {
    sink.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K> SecondSink<K> {
    pub(crate) fn new(sink: K) -> Self {
        Self { place: Place::Here(sink), commit: None, tally: Tally::default() }
    }

    /// Lets the sink commit whenever the pipeline's own sink does.
    pub(crate) fn committing(mut self) -> Self
    where
        K: Commit,
    {
        self.commit = Some(K::commit);
        self
    }

    /// Calls `work` with the sink, unless it is finished.
    #[inline]
    pub(crate) fn with<R>(&mut self, work: impl FnOnce(&mut K) -> R) -> Option<R> {
        match &mut self.place {
            Place::Here(sink) => Some(work(sink)),
            Place::Shared(sink) => open(sink).as_mut().map(work),
            Place::Gone => None,
        }
    }

    /// Calls `look` with the sink, unless it is finished.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&K) -> R) -> Option<R> {
        match &self.place {
            Place::Here(sink) => Some(look(sink)),
            Place::Shared(sink) => open(sink).as_ref().map(look),
            Place::Gone => None,
        }
    }

    /// Commits the sink, if it is committing and no hook of the run does it.
    pub(crate) fn commit(&mut self) -> Result<(), Failure> {
        match (self.commit, &mut self.place) {
            (Some(commit), Place::Here(sink)) => commit(sink),
            _ => Ok(()),
        }
    }

    /// Removes the sink from the hooks of an earlier run, at the start of another.
    pub(crate) fn unshare(&mut self) {
        self.place = match std::mem::replace(&mut self.place, Place::Gone) {
            Place::Shared(sink) => open(&sink).take().map_or(Place::Gone, Place::Here),
            other => other,
        };
    }

    /// Adds a hook that commits the sink just before the pipeline's own sink, if it is committing.
    pub(crate) fn add_commit_hooks<'env>(&mut self, commits: &mut CommitHooks<'env>)
    where
        K: 'env,
    {
        let Some(commit) = self.commit else { return };
        self.place = match std::mem::replace(&mut self.place, Place::Gone) {
            Place::Here(sink) => {
                let ours = Arc::new(Mutex::new(Some(sink)));
                let theirs = Arc::clone(&ours);
                commits.before_each(move || open(&theirs).as_mut().map_or(Ok(()), commit));
                Place::Shared(ours)
            }
            other => other,
        };
    }
}

impl<K: Sink> SecondSink<K> {
    /// Finishes the sink. A second call does nothing.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.tally = self.tally();
        let sink = match std::mem::replace(&mut self.place, Place::Gone) {
            Place::Here(sink) => Some(sink),
            Place::Shared(sink) => open(&sink).take(),
            Place::Gone => None,
        };
        sink.map(Sink::finish).transpose().map(|_| ())
    }

    /// The name of the sink. `None` once it is finished.
    pub(crate) fn name(&self) -> Option<&'static str> {
        self.look(Sink::name)
    }

    /// The tally of the sink, also after it was finished.
    pub(crate) fn tally(&self) -> Tally {
        self.look(Sink::tally).unwrap_or(self.tally)
    }
}

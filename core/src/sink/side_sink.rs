//! A sink beside the pipeline's own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Failure;
use crate::report::Tally;
use crate::run::CommitHooks;
use crate::sink::Commit;
use crate::sink::Sink;

/// A sink beside the pipeline's own: for what failed, or for copies.
pub(crate) struct SideSink<K> {
    place: Place<K>,
    commit: Option<CommitWith<K>>,
    /// What it had left out when it was finished.
    tally: Tally,
}

/// How a sink is committed, where it can be.
type CommitWith<K> = fn(&mut K) -> Result<(), Failure>;

/// Where a sink is.
enum Place<K> {
    Here(K),
    /// With the commits of the run, too. Both are on one thread, so nobody ever waits; but a stage must not lose its `Send`.
    Shared(Arc<Mutex<Option<K>>>),
    Gone,
}

/// What a sink beside others is, also after a panic.
fn open<K>(sink: &Mutex<Option<K>>) -> MutexGuard<'_, Option<K>> {
    sink.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K> SideSink<K> {
    pub(crate) fn new(sink: K) -> Self {
        Self { place: Place::Here(sink), commit: None, tally: Tally::default() }
    }

    /// The same, to be committed whenever the pipeline's own is.
    pub(crate) fn committing(mut self) -> Self
    where
        K: Commit,
    {
        self.commit = Some(K::commit);
        self
    }

    /// Does `work` with it, unless it is finished.
    #[inline]
    pub(crate) fn with<R>(&mut self, work: impl FnOnce(&mut K) -> R) -> Option<R> {
        match &mut self.place {
            Place::Here(sink) => Some(work(sink)),
            Place::Shared(sink) => open(sink).as_mut().map(work),
            Place::Gone => None,
        }
    }

    /// Looks at it, unless it is finished.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&K) -> R) -> Option<R> {
        match &self.place {
            Place::Here(sink) => Some(look(sink)),
            Place::Shared(sink) => open(sink).as_ref().map(look),
            Place::Gone => None,
        }
    }

    pub(crate) fn commit(&mut self) -> Result<(), Failure> {
        let Some(commit) = self.commit else { return Ok(()) };
        self.with(commit).unwrap_or(Ok(()))
    }

    /// Has it committed right before the pipeline's own, where it is to be.
    pub(crate) fn share<'env>(&mut self, commits: &mut CommitHooks<'env>)
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

impl<K: Sink> SideSink<K> {
    /// Finishes it. A second time nothing happens.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.tally = self.tally();
        let sink = match std::mem::replace(&mut self.place, Place::Gone) {
            Place::Here(sink) => Some(sink),
            Place::Shared(sink) => open(&sink).take(),
            Place::Gone => None,
        };
        sink.map(Sink::finish).transpose().map(|_| ())
    }

    /// Its name; none once it is finished.
    pub(crate) fn name(&self) -> Option<&'static str> {
        self.look(Sink::name)
    }

    /// What it has left out, also after it was finished.
    pub(crate) fn tally(&self) -> Tally {
        self.look(Sink::tally).unwrap_or(self.tally)
    }
}

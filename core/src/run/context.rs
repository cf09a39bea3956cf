//! The context of a run, for sources, stages and sinks at its start.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::thread::{Builder, Scope};

use crate::run::{CancelToken, CommitHooks};

/// The context of a run that is about to start, for [`Stage::start`](crate::Stage::start) and the like.
///
/// `'env` is the lifetime of everything that the pipeline borrows. A hook may borrow it as well.
pub struct RunContext<'run, 'env> {
    cancel: &'run CancelToken,
    /// `None` for a pipeline that is the source of another: its stages work on the caller's thread.
    threads: Option<&'run mut (dyn Threads<'env> + 'run)>,
    /// `None` if the sink commits only at the end.
    hooks: Option<&'run mut CommitHooks<'env>>,
}

impl<'run, 'env> RunContext<'run, 'env> {
    /// A context without threads and without commits.
    pub(crate) fn new(cancel: &'run CancelToken) -> Self {
        Self { cancel, threads: None, hooks: None }
    }

    /// Adds the run's threads, for stages that start some.
    pub(crate) fn with_threads(self, threads: &'run mut (dyn Threads<'env> + 'run)) -> Self {
        Self { threads: Some(threads), ..self }
    }

    /// Adds the hooks, if the sink commits during the run.
    pub(crate) fn with_hooks(self, hooks: Option<&'run mut CommitHooks<'env>>) -> Self {
        Self { hooks, ..self }
    }

    /// The context without threads.
    pub(crate) fn without_threads(&mut self) -> RunContext<'_, 'env> {
        RunContext { cancel: self.cancel, threads: None, hooks: self.hooks.as_deref_mut() }
    }

    /// The token that cancels the run. Clone it, to check it or to sleep on it during the run.
    #[must_use]
    pub fn cancel_token(&self) -> &CancelToken {
        self.cancel
    }

    /// The hooks for commits, if the sink commits during the run. `stage` is the name for the error of a hook.
    pub fn commit_hooks(&mut self, stage: &'static str) -> Option<&mut CommitHooks<'env>> {
        self.hooks.as_deref_mut().map(|hooks| hooks.of(stage))
    }

    /// The threads of the run, if stages may start threads.
    pub(crate) fn threads(&mut self) -> Option<&mut (dyn Threads<'env> + 'run)> {
        self.threads.as_deref_mut()
    }
}

/// A scope in which stages start threads that end with the run.
pub(crate) trait Threads<'env> {
    /// Stops `team` when the run ends.
    fn dismiss_at_end(&mut self, team: Arc<dyn Dismiss + 'env>);

    /// Starts a thread.
    fn spawn(&mut self, builder: Builder, work: Box<dyn FnOnce() + Send + 'env>) -> io::Result<()>;
}

/// The threads of one scope. Drop stops the teams, so that a run that panics does not wait for its threads.
pub(crate) struct ScopedThreads<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    teams: Vec<Arc<dyn Dismiss + 'env>>,
}

impl<'scope, 'env> ScopedThreads<'scope, 'env> {
    pub(crate) fn new(scope: &'scope Scope<'scope, 'env>) -> Self {
        Self { scope, teams: Vec::new() }
    }
}

impl<'env> Threads<'env> for ScopedThreads<'_, 'env> {
    fn dismiss_at_end(&mut self, team: Arc<dyn Dismiss + 'env>) {
        self.teams.push(team);
    }

    fn spawn(&mut self, builder: Builder, work: Box<dyn FnOnce() + Send + 'env>) -> io::Result<()> {
        builder.spawn_scoped(self.scope, work).map(drop)
    }
}

/// Threads that can be stopped.
pub(crate) trait Dismiss: Send + Sync {
    fn dismiss(&self);
}

impl Drop for ScopedThreads<'_, '_> {
    fn drop(&mut self) {
        for team in &self.teams {
            team.dismiss();
        }
    }
}

impl fmt::Debug for RunContext<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunContext").field("cancel", &self.cancel).finish_non_exhaustive()
    }
}

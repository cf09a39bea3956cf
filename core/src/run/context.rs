//! What a run tells its stages before it begins.

use std::sync::Arc;
use std::thread::Scope;

use crate::run::CancelToken;
use crate::run::CommitHooks;

/// What a run tells its stages before it begins: what may cancel it, where threads may be started, and what commits.
#[doc(hidden)]
pub struct Context<'run, 'scope, 'env> {
    pub(crate) cancel: &'run CancelToken,
    /// Where threads may be started: nowhere, for a pipeline that is the source of another.
    pub(crate) threads: Option<Threads<'run, 'scope, 'env>>,
    /// What is made durable before the sink commits, where it does so on its way.
    pub(crate) commits: Option<&'run mut CommitHooks<'env>>,
}

/// Where threads may be started.
pub(crate) struct Threads<'run, 'scope, 'env> {
    pub(crate) scope: &'scope Scope<'scope, 'env>,
    pub(crate) teams: &'run mut Teams<'scope>,
}

impl<'run> Context<'run, '_, '_> {
    /// What those are told who may be cancelled and may start no threads.
    pub(crate) fn of(cancel: &'run CancelToken) -> Self {
        Self { cancel, threads: None, commits: None }
    }
}

/// The threads that stages have started, to be told when the run is over. They are told when this is dropped, so that a
/// run which panics waits for nobody.
#[derive(Default)]
pub(crate) struct Teams<'scope>(pub(crate) Vec<Arc<dyn Dismiss + 'scope>>);

/// Threads that can be told to end.
pub(crate) trait Dismiss: Send + Sync {
    fn dismiss(&self);
}

impl Drop for Teams<'_> {
    fn drop(&mut self) {
        for team in &self.0 {
            team.dismiss();
        }
    }
}

impl std::fmt::Debug for Context<'_, '_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("cancel", &self.cancel).finish_non_exhaustive()
    }
}

//! The options of a run: cancel tokens and an observer.

use std::fmt;

use crate::run::CancelToken;
use crate::run::Observer;

/// The options of a run, for [`Runnable::run_with`](crate::Runnable::run_with) and the `run_with` of a `pipeline!`.
///
/// ```
/// use syncline_core::{CancelToken, Collect, Pipeline, RunOptions, from_iter};
///
/// let token = CancelToken::new();
/// let options = RunOptions::new().cancelled_by(&token);
/// let outcome = Pipeline::new("numbers", from_iter(0..3)).end(Collect::new()).run_with(options)?;
/// assert_eq!(outcome.output, [0, 1, 2]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct RunOptions<'o> {
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) observer: Option<Box<dyn Observer + 'o>>,
}

impl<'o> RunOptions<'o> {
    /// Options with no cancel token and no observer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels or drains the run with `token`: see [`CancelToken`]. Of several tokens each does.
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(match self.cancel {
            Some(other) => CancelToken::of(vec![other, token.clone()]),
            None => token.clone(),
        });
        self
    }

    /// Sets the observer of the run. The total is the source's [`remaining`](crate::Source::remaining).
    pub fn observed_by(mut self, observer: impl Observer + 'o) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }
}

impl fmt::Debug for RunOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOptions")
            .field("cancel", &self.cancel)
            .field("is_observed", &self.observer.is_some())
            .finish()
    }
}

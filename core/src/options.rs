//! What a run heeds from outside.

use crate::cancel::CancelToken;

/// What a run heeds from outside, for the `run_with` of a `pipeline!`.
///
/// ```
/// use syncline_core::{CancelToken, Collect, Pipeline, RunOptions, from_iter};
///
/// let token = CancelToken::new();
/// let options = RunOptions::new().cancelled_by(&token);
/// let outcome = Pipeline::new("numbers", from_iter(0..3)).end(Collect::new()).with(options).run()?;
/// assert_eq!(outcome.output, [0, 1, 2]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct RunOptions {
    pub(crate) cancel: CancelToken,
}

impl RunOptions {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the run when `token` is cancelled: see [`CancelToken`].
    pub fn cancelled_by(mut self, token: &CancelToken) -> Self {
        self.cancel = token.clone();
        self
    }
}

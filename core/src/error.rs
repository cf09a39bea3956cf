//! How a run ends early: it is stopped, or it fails.

use std::error::Error as StdError;
use std::fmt;

use crate::report::Report;

/// Any error that may leave a stage.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// Why an item was not taken.
///
/// Inside a stage, `?` turns any [`std::error::Error`] into [`Halt::Failed`].
#[derive(Debug)]
pub enum Halt {
    /// Nobody downstream wants more. Not an error: the run finishes what it holds, and ends well.
    Stop,
    /// A stage failed. The run ends in an [`Error`].
    Failed(Failure),
}

impl<E: StdError + Send + Sync + 'static> From<E> for Halt {
    #[cold]
    fn from(source: E) -> Self {
        Self::Failed(Failure::new(source))
    }
}

impl From<Failure> for Halt {
    #[cold]
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// What went wrong in one stage, and with which record.
///
/// It is no [`std::error::Error`] itself, so that `?` can make one of any error; the [`Error`] that a run returns is.
#[derive(Debug)]
pub struct Failure(Box<Inner>);

#[derive(Debug)]
struct Inner {
    stage: Option<&'static str>,
    record: Option<String>,
    source: BoxError,
}

impl Failure {
    /// A failure because of `source`. The runtime adds the name of the stage.
    #[cold]
    #[must_use]
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(Box::new(Inner { stage: None, record: None, source: source.into() }))
    }

    /// Says which record it happened to, in the user's words: a key, `line 3`. A number says what it counts, for errors print
    /// it as it is: `failed in stage from_csv at line 3`.
    #[must_use]
    pub fn at(mut self, record: impl fmt::Display) -> Self {
        self.0.record.get_or_insert_with(|| record.to_string());
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn source(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0.source
    }

    /// What went wrong, without the record.
    #[must_use]
    pub fn into_source(self) -> BoxError {
        self.0.source
    }

    /// What went wrong, as it was given.
    pub(crate) fn boxed(&self) -> &BoxError {
        &self.0.source
    }

    /// The record and what went wrong.
    pub(crate) fn into_parts(self) -> (Option<String>, BoxError) {
        (self.0.record, self.0.source)
    }

    /// The record that it happened to, where known.
    #[must_use]
    pub fn record(&self) -> Option<&str> {
        self.0.record.as_deref()
    }

    /// The failure of a stage that has seen that its run is cancelled, and stops waiting. The run ends as
    /// [cancelled](Error::is_cancelled), and no policy is asked.
    #[cold]
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(Cancelled)
    }

    /// True if the run was cancelled, and nothing failed.
    #[must_use]
    pub fn is_cancellation(&self) -> bool {
        self.0.source.is::<Cancelled>()
    }

    /// Names the stage, unless a later stage has done so. Returns true if this stage is the one that failed. A run that
    /// was cancelled is no stage's failure.
    pub(crate) fn blame(&mut self, stage: &'static str) -> bool {
        if self.is_cancellation() {
            return false;
        }
        let first = self.0.stage.is_none();
        self.0.stage.get_or_insert(stage);
        first
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Failure {
    #[cold]
    fn from(source: E) -> Self {
        Self::new(source)
    }
}

/// A run ended because a stage failed, or because it was cancelled.
///
/// Its message names pipeline, stage and record; what went wrong is its [`source`](StdError::source).
#[derive(Debug)]
pub struct Error(Box<RunError>);

#[derive(Debug)]
struct RunError {
    pipeline: String,
    failure: Failure,
    report: Report,
}

impl Error {
    #[cold]
    pub(crate) fn new(pipeline: String, failure: Failure, report: Report) -> Self {
        Self(Box::new(RunError { pipeline, failure, report }))
    }

    /// The name of the pipeline.
    #[must_use]
    pub fn pipeline(&self) -> &str {
        &self.0.pipeline
    }

    /// The name of the source, stage or sink that failed; none where the run was cancelled, or failed by itself.
    #[must_use]
    pub fn stage(&self) -> Option<&str> {
        self.0.failure.0.stage
    }

    /// Whether nothing failed, but the run was ended by a [`CancelToken`](crate::CancelToken).
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.failure.is_cancellation()
    }

    /// The record that it failed at, where the stage said so.
    #[must_use]
    pub fn record(&self) -> Option<&str> {
        self.0.failure.record()
    }

    /// What had been done until then.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.0.report
    }

    /// What went wrong, without pipeline, stage and record.
    #[must_use]
    pub fn into_source(self) -> BoxError {
        self.0.failure.0.source
    }
}

/// What a run that was cancelled has for a source of its error.
#[derive(Debug)]
struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the run was cancelled")
    }
}

impl StdError for Cancelled {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_cancelled() {
            return write!(f, "pipeline {} was cancelled", self.pipeline());
        }
        write!(f, "pipeline {} failed", self.pipeline())?;
        if let Some(stage) = self.stage() {
            write!(f, " in stage {stage}")?;
        }
        match self.record() {
            Some(record) => write!(f, " at {record}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        (!self.is_cancelled()).then(|| self.0.failure.source() as _)
    }
}

const _: () = {
    const fn crosses_threads<T: Send + Sync + 'static>() {}
    crosses_threads::<Error>();
};

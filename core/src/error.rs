//! The ways in which a run ends early: `Halt`, `Failure` and `Error`.
//!
//! `Debug` of all three is short: the message and its causes, one a line. `main` prints an error that way, and `unwrap`
//! does.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::report::Report;

/// Any error that a stage may return.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// The reason why an item was not processed.
///
/// Inside a stage, `?` turns any error into [`Halt::Failed`]: a [`std::error::Error`], a [`BoxError`], an
/// `anyhow::Error`, or a text.
///
/// ```
/// use syncline_core::{BoxError, Collect, Pipeline, from_iter};
///
/// fn parse(text: &str) -> Result<u8, BoxError> {
///     if text.is_empty() { Err("there is no number".into()) } else { Ok(text.parse()?) }
/// }
///
/// let numbers = Pipeline::new("numbers", from_iter(["1", ""])).try_map(|text| Ok(parse(text)?)).end(Collect::new());
/// assert_eq!(numbers.run().unwrap_err().into_source().to_string(), "there is no number");
/// ```
pub enum Halt {
    /// Later stages need no more items. Not an error: each stage emits its held items, and the run ends successfully.
    Stop,
    /// A stage failed. The run ends in an [`Error`].
    Failed(Failure),
}

// `Halt` and `Failure` implement neither `Error` nor a conversion to `BoxError`: this impl would be one for themselves.
impl<E: Into<BoxError>> From<E> for Halt {
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

/// The error of one stage, and the record at which it occurred.
///
/// It does not implement [`std::error::Error`], so that `?` can convert any error to it. The [`Error`] that a run
/// returns does.
pub struct Failure(Box<Inner>);

struct Inner {
    stage: Option<&'static str>,
    record: Option<String>,
    source: BoxError,
    is_fatal: bool,
    /// Set if the failure is that of an item that was retried.
    tried: Option<Box<Tried>>,
}

/// The retries of an item.
struct Tried {
    attempts: u32,
    time: Duration,
    /// The limit on the total time, if it is the reason for the end.
    limit: Option<Duration>,
}

impl Failure {
    /// Creates a failure with the cause `source`. The runtime adds the name of the stage.
    #[cold]
    #[must_use]
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(Box::new(Inner {
            stage: None,
            record: None,
            source: source.into(),
            is_fatal: false,
            tried: None,
        }))
    }

    /// Sets the record at which the failure occurred, in the user's words: a key, or `line 3`. A number needs its noun,
    /// because errors print the text unchanged: `failed in stage from_csv at line 3`.
    #[must_use]
    pub fn at(mut self, record: impl fmt::Display) -> Self {
        self.0.record.get_or_insert_with(|| record.to_string());
        self
    }

    /// The cause.
    #[must_use]
    pub fn source(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0.source
    }

    /// Returns the cause, without the record.
    #[must_use]
    pub fn into_source(self) -> BoxError {
        self.0.source
    }

    /// Adds the number of attempts at the item, the time from the first failure to the last, and the limit on the total
    /// time if it is the reason for the end. A single attempt without a limit is not mentioned.
    pub(crate) fn after(mut self, attempts: u32, time: Duration, limit: Option<Duration>) -> Self {
        self.0.tried = (attempts > 1 || limit.is_some()).then(|| Box::new(Tried { attempts, time, limit }));
        self
    }

    /// The cause, as the box that was given.
    pub(crate) fn boxed(&self) -> &BoxError {
        &self.0.source
    }

    /// Returns the record and the cause.
    pub(crate) fn into_parts(self) -> (Option<String>, BoxError) {
        (self.0.record, self.0.source)
    }

    /// The record at which the failure occurred, if it is known.
    #[must_use]
    pub fn record(&self) -> Option<&str> {
        self.0.record.as_deref()
    }

    /// The failure of a stage that has noticed the cancellation of its run and stops waiting. The run is then
    /// [cancelled](Error::is_cancelled), and no policy is called.
    #[cold]
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(Cancelled)
    }

    /// Returns `true` for the failure of a cancelled run.
    #[must_use]
    pub fn is_cancellation(&self) -> bool {
        self.0.source.is::<Cancelled>()
    }

    /// Marks the failure as fatal: the run fails, and no policy is called. It is for an error that belongs to no item,
    /// for example a full disk: the next item would fail as well.
    ///
    /// ```
    /// use syncline_core::{Collect, Failure, Pipeline, from_iter, skip};
    ///
    /// let run = Pipeline::new("numbers", from_iter(0..3))
    ///     .try_map(|n| if n == 1 { Err(Failure::new("the disk is full").fatal().into()) } else { Ok(n) })
    ///     .on_error(skip(10))
    ///     .end(Collect::new())
    ///     .run();
    /// assert_eq!(run.unwrap_err().into_source().to_string(), "the disk is full");
    /// ```
    #[must_use]
    pub fn fatal(mut self) -> Self {
        self.0.is_fatal = true;
        self
    }

    /// Returns `true` if no policy is called for the failure: it is marked as [`fatal`](Self::fatal), or it is that of a
    /// cancelled run.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        self.0.is_fatal || self.is_cancellation()
    }

    /// Sets the name of the stage, unless a later stage has set its own. Returns `true` if this stage is the one that
    /// failed. The cancellation of a run is not a failure of a stage.
    pub(crate) fn blame(&mut self, stage: &'static str) -> bool {
        if self.is_cancellation() {
            return false;
        }
        let first = self.0.stage.is_none();
        self.0.stage.get_or_insert(stage);
        first
    }
}

impl<E: Into<BoxError>> From<E> for Failure {
    #[cold]
    fn from(source: E) -> Self {
        Self::new(source)
    }
}

/// The error of a run: a stage failed, or the run was cancelled.
///
/// Its message names the pipeline, the stage, the record, and the attempts of [`retry`](crate::retry). Its [`source`](StdError::source) is the stage's error.
///
/// `Debug` prints the message and its causes, without the report:
///
/// ```
/// # use syncline_core::{Collect, Pipeline, from_iter};
/// let numbers = Pipeline::new("numbers", from_iter(["1", "x"])).try_map(|text| Ok(text.parse::<u8>()?));
/// let error = numbers.end(Collect::new()).run().unwrap_err();
/// assert_eq!(
///     format!("{error:?}"),
///     "pipeline numbers failed in stage try_map\n  caused by: invalid digit found in string",
/// );
/// ```
pub struct Error(Box<RunError>);

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

    /// The name of the source, stage or sink that failed. `None` if the run was cancelled or failed outside of a stage.
    #[must_use]
    pub fn stage(&self) -> Option<&str> {
        self.0.failure.0.stage
    }

    /// Returns `true` if a [`CancelToken`](crate::CancelToken) ended the run.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.failure.is_cancellation()
    }

    /// The record at which the stage failed, if the stage set it.
    #[must_use]
    pub fn record(&self) -> Option<&str> {
        self.0.failure.record()
    }

    /// The report of the run up to the error.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.0.report
    }

    /// Returns the cause, without pipeline, stage and record.
    #[must_use]
    pub fn into_source(self) -> BoxError {
        self.0.failure.0.source
    }
}

/// The cause in the error of a cancelled run.
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
        if let Some(record) = self.record() {
            write!(f, " at {record}")?;
        }
        match &self.0.failure.0.tried {
            Some(tried) => write!(f, " after {tried}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempts, time, limit } = self;
        match attempts {
            1 => write!(f, "1 attempt")?,
            _ => write!(f, "{attempts} attempts in {:?}", rounded(*time))?,
        }
        match limit {
            Some(limit) => write!(f, "; the next would begin after the limit of {limit:?}"),
            None => Ok(()),
        }
    }
}

/// `time` in whole milliseconds, or in whole microseconds if it is shorter than one.
fn rounded(time: Duration) -> Duration {
    let nanos = time.subsec_nanos();
    let unit = if time < Duration::from_millis(1) { 1_000 } else { 1_000_000 };
    Duration::new(time.as_secs(), nanos - nanos % unit)
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        (!self.is_cancelled()).then(|| self.0.failure.source() as _)
    }
}

/// Writes an error and its causes, one a line: `Debug` of the errors of this library.
///
/// The error that `main` returns is printed with `Debug`. A derived one of an error with a report, or of an error of a
/// database, takes a screen.
///
/// # Errors
///
/// As for `write!`.
#[doc(hidden)]
pub fn write_with_causes(error: &dyn StdError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{error}")?;
    let mut next = error.source();
    while let Some(cause) = next {
        write!(f, "\n  caused by: {cause}")?;
        next = cause.source();
    }
    Ok(())
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_with_causes(self, f)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(record) = self.record() {
            write!(f, "at {record}: ")?;
        }
        write_with_causes(self.source(), f)
    }
}

impl fmt::Debug for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stop => f.write_str("Stop"),
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

/// Implements `Debug` of an error by its message and its causes.
#[doc(hidden)]
#[macro_export]
macro_rules! debug_with_causes {
    ($($error:ty),+ $(,)?) => {$(
        impl ::std::fmt::Debug for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::write_with_causes(self, f)
            }
        }
    )+};
}

const _: () = {
    const fn crosses_threads<T: Send + Sync + 'static>() {}
    crosses_threads::<Error>();
};

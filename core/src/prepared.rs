//! A pipeline as a value, to be run later.

use std::fmt;

use crate::error::Error;
use crate::graph::Graph;
use crate::options::RunOptions;
use crate::run::Outcome;

/// A pipeline that is ready to be run: made by the `prepare` of a `pipeline!`.
///
/// Its source is opened, and its stages are made, when it is run. [`boxed`](Prepared::boxed) gives it a type that can be
/// written down.
#[must_use = "a pipeline does nothing until it is run"]
pub struct Prepared<R> {
    name: String,
    graph: Graph,
    run: R,
}

/// What runs a [`BoxedPipeline`].
pub type BoxedRun<'a, O> = Box<dyn FnOnce(RunOptions<'_>) -> Result<Outcome<O>, Error> + 'a>;

/// A pipeline of whatever make that gives back `O`: to be kept in a struct, a list, a table of jobs.
///
/// ```
/// use syncline_core::{BoxedPipeline, Collect, Error, Pipeline, for_each, from_iter};
///
/// struct Job<'a> {
///     title: &'static str,
///     pipeline: BoxedPipeline<'a, u64>,
/// }
///
/// let numbers = [1, 2, 3];
/// let jobs = [
///     Job {
///         title: "count",
///         pipeline: Pipeline::new("count", from_iter(&numbers)).end(for_each(|_| Ok(()))).boxed(),
///     },
///     Job {
///         title: "count the odd ones",
///         pipeline: Pipeline::new("odd", from_iter(&numbers))
///             .filter(|n| *n % 2 == 1)
///             .end(for_each(|_| Ok(())))
///             .boxed(),
///     },
/// ];
/// for job in jobs {
///     println!("{}: {}", job.title, job.pipeline.graph().one_line());
///     println!("{}", job.pipeline.run()?.output);
/// }
/// # Ok::<(), Error>(())
/// ```
pub type BoxedPipeline<'a, O> = Prepared<BoxedRun<'a, O>>;

impl<R> Prepared<R> {
    #[doc(hidden)]
    pub fn new(name: impl Into<String>, graph: Graph, run: R) -> Self {
        Self { name: name.into(), graph, run }
    }

    /// The name of the pipeline.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is made of.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}

impl<R, O> Prepared<R>
where
    R: FnOnce(RunOptions<'_>) -> Result<Outcome<O>, Error>,
{
    /// Runs it to its end.
    ///
    /// # Errors
    ///
    /// As [`Runnable::run`](crate::Runnable::run).
    pub fn run(self) -> Result<Outcome<O>, Error> {
        self.run_with(RunOptions::new())
    }

    /// Runs it, heeding `options`.
    ///
    /// # Errors
    ///
    /// As [`Runnable::run_with`](crate::Runnable::run_with).
    pub fn run_with(self, options: RunOptions<'_>) -> Result<Outcome<O>, Error> {
        (self.run)(options)
    }

    /// The same, behind a pointer, so that pipelines of different make have one type.
    pub fn boxed<'a>(self) -> BoxedPipeline<'a, O>
    where
        R: 'a,
    {
        Prepared { name: self.name, graph: self.graph, run: Box::new(self.run) }
    }
}

impl<R> fmt::Debug for Prepared<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("name", &self.name).finish_non_exhaustive()
    }
}

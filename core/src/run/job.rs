//! `Job`: a pipeline with its sink as a value, to run later.

use std::fmt;

use crate::error::Error;
use crate::graph::Graph;
use crate::run::Outcome;
use crate::run::RunOptions;

/// A pipeline with its sink, ready to run. The `prepare` of a `pipeline!` returns it.
///
/// Its source is opened and its stages are created by the run. [`boxed`](Job::boxed) gives it a type that can be named.
#[must_use = "a pipeline does nothing until it is run"]
pub struct Job<R> {
    name: String,
    graph: Graph,
    run: R,
}

/// The closure that runs a [`BoxedPipeline`].
pub type BoxedRun<'a, O> = Box<dyn FnOnce(RunOptions<'_>) -> Result<Outcome<O>, Error> + 'a>;

/// Any pipeline with the output `O`, for a struct, a list or a table of jobs.
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
pub type BoxedPipeline<'a, O> = Job<BoxedRun<'a, O>>;

/// The closure that runs a [`BoxedSendPipeline`].
pub type BoxedSendRun<'a, O> = Box<dyn FnOnce(RunOptions<'_>) -> Result<Outcome<O>, Error> + Send + 'a>;

/// Like [`BoxedPipeline`], but can run on another thread. Created by [`boxed_send`](Job::boxed_send).
///
/// A job of `pipeline!` is `Send` if its parameters are, because its stages are created by the run. A pipeline that is
/// built with methods holds its stages, so these must be `Send` as well. Stages behind
/// [`Pipeline::boxed`](crate::Pipeline::boxed) are not known to be; behind
/// [`Pipeline::boxed_send`](crate::Pipeline::boxed_send) they are.
///
/// ```
/// use std::thread;
///
/// use syncline_core::{BoxedSendPipeline, Error, Pipeline, for_each, from_iter};
///
/// let numbers = [1, 2, 3];
/// let count = |least: u32| -> BoxedSendPipeline<'_, u64> {
///     let numbers = Pipeline::new("count", from_iter(&numbers)).filter(move |n| **n >= least);
///     numbers.end(for_each(|_| Ok(()))).boxed_send()
/// };
/// let jobs = [count(1), count(3)];
/// let counts = thread::scope(|scope| {
///     let threads = jobs.map(|job| scope.spawn(|| job.run()));
///     threads.map(|thread| thread.join().expect("no pipeline panics").map(|outcome| outcome.output))
/// });
/// for (count, wanted) in counts.into_iter().zip([3, 1]) {
///     assert_eq!(count?, wanted);
/// }
/// # Ok::<(), Error>(())
/// ```
pub type BoxedSendPipeline<'a, O> = Job<BoxedSendRun<'a, O>>;

impl<R> Job<R> {
    #[doc(hidden)]
    pub fn new(name: impl Into<String>, graph: Graph, run: R) -> Self {
        Self { name: name.into(), graph, run }
    }

    /// The name of the pipeline.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The pipeline's graph.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}

impl<R, O> Job<R>
where
    R: FnOnce(RunOptions<'_>) -> Result<Outcome<O>, Error>,
{
    /// Runs the pipeline to its end.
    ///
    /// # Errors
    ///
    /// As [`Runnable::run`](crate::Runnable::run).
    pub fn run(self) -> Result<Outcome<O>, Error> {
        self.run_with(RunOptions::new())
    }

    /// Runs the pipeline with `options`.
    ///
    /// # Errors
    ///
    /// As [`Runnable::run_with`](crate::Runnable::run_with).
    pub fn run_with(self, options: RunOptions<'_>) -> Result<Outcome<O>, Error> {
        (self.run)(options)
    }

    /// Boxes the job, so that different pipelines have one type.
    pub fn boxed<'a>(self) -> BoxedPipeline<'a, O>
    where
        R: 'a,
    {
        Job { name: self.name, graph: self.graph, run: Box::new(self.run) }
    }

    /// Like [`boxed`](Job::boxed), but the job can run on any thread.
    pub fn boxed_send<'a>(self) -> BoxedSendPipeline<'a, O>
    where
        R: Send + 'a,
    {
        Job { name: self.name, graph: self.graph, run: Box::new(self.run) }
    }
}

impl<R> fmt::Debug for Job<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("name", &self.name).finish_non_exhaustive()
    }
}

//! `Steps`: a run of a few steps in sequence, such as SQL statements, with the report of a pipeline.

use std::fmt;
use std::time::Instant;

use tracing::Span;

use super::{CancelToken, Observer, Outcome, RunEnd, RunOptions, trace};
use crate::error::{Error, Failure};
use crate::report::{Report, StageReport, StepRow};

/// A run of steps that do not form a stream, for example one SQL statement each.
///
/// Such a run has the same features as the run of a pipeline. It returns an [`Outcome`] with a [`Report`]. Its errors
/// name the step that failed. It can be cancelled between two steps. It calls an [`Observer`], and it is a span of
/// `tracing` with a span for each step.
///
/// ```
/// use syncline_core::{Failure, Steps};
///
/// # struct Connection;
/// # impl Connection { fn execute(&self, _: &str) -> Result<u64, Failure> { Ok(3) } }
/// # let connection = Connection;
/// let outcome = Steps::new("queue").run(|steps| {
///     let buffered = steps.step("fill the buffer", |step| {
///         let rows = connection.execute("INSERT INTO buffer SELECT ..")?;
///         step.items_out(rows);
///         Ok(rows)
///     })?;
///     steps.step("note the counters", |step| {
///         step.items_in(buffered);
///         connection.execute("UPDATE counters SET ..")?;
///         Ok(())
///     })?;
///     Ok(buffered)
/// })?;
/// assert_eq!(outcome.output, 3);
/// assert_eq!(outcome.report.stage("note the counters").unwrap().items_in(), Some(3));
/// println!("{}", outcome.report);
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[must_use = "steps do nothing until they are run"]
#[derive(Debug)]
pub struct Steps {
    name: String,
    total: Option<u64>,
}

impl Steps {
    /// Creates a run. `name` appears in its report and its errors.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), total: None }
    }

    /// Sets the total for an observer, in the unit of [`Step::advance`].
    pub fn total(mut self, items: u64) -> Self {
        self.total = Some(items);
        self
    }

    /// Calls `body`, which runs the steps in order.
    ///
    /// # Errors
    ///
    /// If `body` fails. The error names the step and contains the report so far.
    pub fn run<T>(
        self,
        body: impl FnOnce(&mut RunningSteps<'_>) -> Result<T, Failure>,
    ) -> Result<Outcome<T>, Error> {
        self.run_with(RunOptions::new(), body)
    }

    /// Like [`run`](Steps::run), with a cancel token and an observer.
    ///
    /// The token is checked before each step, and by steps that [check](CancelToken::check) it themselves. A
    /// cancellation during the last step has no effect: durable work of that step stays.
    ///
    /// # Errors
    ///
    /// As for [`run`](Steps::run), and if the run is cancelled.
    pub fn run_with<T>(
        self,
        options: RunOptions<'_>,
        body: impl FnOnce(&mut RunningSteps<'_>) -> Result<T, Failure>,
    ) -> Result<Outcome<T>, Error> {
        let Self { name, total } = self;
        let RunOptions { cancel, observer } = options;
        let cancel = cancel.unwrap_or_else(CancelToken::uncancellable);
        let span = trace::run_span(&name);
        let mut steps = RunningSteps { cancel, observer, span, rows: Vec::new() };
        if let Some(observer) = &mut steps.observer {
            observer.start(total);
        }
        let start = Instant::now();
        let entered = steps.span.clone().entered();
        let result = body(&mut steps);
        drop(entered);
        let RunningSteps { observer, span, rows, .. } = steps;
        let end = RunEnd::of(result.as_ref().err());
        if let Some(mut observer) = observer {
            observer.end(end);
        }
        let report = Report::of_steps(name.clone(), &rows, start.elapsed());
        trace::run_has_ended(&span, &end, result.as_ref().err(), &report);
        match result {
            Ok(output) => Ok(Outcome { output, report }),
            Err(failure) => Err(Error::new(name, failure, report)),
        }
    }
}

/// The run of [`Steps`], for its body.
pub struct RunningSteps<'o> {
    cancel: CancelToken,
    observer: Option<Box<dyn Observer + 'o>>,
    span: Span,
    rows: Vec<StepRow>,
}

impl RunningSteps<'_> {
    /// Runs `work` as the step `name`, measures its time, and returns its result.
    ///
    /// Each name is one row of the report, in the order of first use. A step that runs again under the same name, for
    /// example once for each model, adds to its row.
    ///
    /// # Errors
    ///
    /// The error of `work`, with the name of the step, or the error of a cancelled run if the token was cancelled
    /// before this step. The report counts a failed step even if the body continues.
    pub fn step<R>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&mut Step<'_>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        self.cancel.check()?;
        let span = trace::stage_span(&self.span, name);
        let mut row = StepRow::new(name);
        let start = Instant::now();
        let observer: Option<&mut dyn Observer> = match &mut self.observer {
            Some(observer) => Some(&mut **observer),
            None => None,
        };
        let mut step = Step { row: &mut row, observer, cancel: &self.cancel };
        let result = span.in_scope(|| work(&mut step));
        row.time = start.elapsed();
        let result = result.map_err(|failure| self.blame(failure, &mut row));
        trace::record_stage(&span, &StageReport::from(&row));
        match self.rows.iter_mut().find(|earlier| earlier.name == name) {
            Some(earlier) => earlier.add(&row),
            None => self.rows.push(row),
        }
        result
    }

    /// Adds the name of the step to its failure.
    fn blame(&self, mut failure: Failure, row: &mut StepRow) -> Failure {
        // The error of a pipeline that the step ran with the same token.
        let is_cancelled_run = || failure.source().downcast_ref::<Error>().is_some_and(Error::is_cancelled);
        if self.cancel.is_cancelled() && is_cancelled_run() {
            return Failure::cancelled();
        }
        if failure.blame(row.name) {
            row.failed += 1;
        }
        failure
    }

    /// The token that cancels the run.
    #[must_use]
    pub fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }
}

/// A running step of [`Steps`]: it receives the counts for its row of the report.
///
/// Each method adds to the earlier counts of the step. The report prints `-` for a count that was never given.
pub struct Step<'r> {
    row: &'r mut StepRow,
    observer: Option<&'r mut (dyn Observer + 'r)>,
    cancel: &'r CancelToken,
}

impl Step<'_> {
    /// Adds to [`items_in`](StageReport::items_in).
    pub fn items_in(&mut self, items: u64) -> &mut Self {
        *self.row.items_in.get_or_insert(0) += items;
        self
    }

    /// Adds to [`items_out`](StageReport::items_out).
    pub fn items_out(&mut self, items: u64) -> &mut Self {
        *self.row.items_out.get_or_insert(0) += items;
        self
    }

    /// Adds to [`filtered`](StageReport::filtered).
    pub fn filtered(&mut self, items: u64) -> &mut Self {
        self.row.filtered += items;
        self
    }

    /// Adds to [`skipped`](StageReport::skipped): failed items that were left out. They also count as
    /// [`failed`](StageReport::failed).
    pub fn skipped(&mut self, items: u64) -> &mut Self {
        self.row.skipped += items;
        self
    }

    /// Adds to [`retried`](StageReport::retried).
    pub fn retried(&mut self, times: u64) -> &mut Self {
        self.row.retried += times;
        self
    }

    /// Reports to the observer that `items` more are done, of the [total](Steps::total) if it is set.
    pub fn advance(&mut self, items: u64) -> &mut Self {
        if let Some(observer) = &mut self.observer {
            observer.advance(items);
        }
        self
    }

    /// The token that cancels the run. A long step [checks](CancelToken::check) it.
    #[must_use]
    pub fn cancel_token(&self) -> &CancelToken {
        self.cancel
    }
}

impl fmt::Debug for RunningSteps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningSteps").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step").field("row", &self.row).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use super::Steps;
    use crate::{CancelToken, Collect, Error, Failure, Observer, Pipeline, RunEnd, RunOptions, from_iter};

    #[test]
    fn each_step_is_a_row_and_a_name_that_comes_again_adds_to_its_row() {
        let outcome = Steps::new("dequeue")
            .run(|steps| {
                for model in [3, 4] {
                    steps.step("merge", |step| {
                        step.items_in(model).items_out(model - 1).filtered(1);
                        Ok(())
                    })?;
                    steps.step("clear", |_| Ok(()))?;
                }
                steps.step("write", |step| {
                    step.items_in(5).skipped(2).retried(1);
                    Ok("written")
                })
            })
            .unwrap();
        assert_eq!(outcome.output, "written");
        let rows: Vec<_> = outcome
            .report
            .stages()
            .iter()
            .map(|row| (row.name(), row.items_in(), row.items_out(), row.filtered(), row.failed()))
            .collect();
        let expected =
            [("merge", Some(7), Some(5), 2, 0), ("clear", None, None, 0, 0), ("write", Some(5), None, 0, 2)];
        assert_eq!(rows, expected);
        let write = outcome.report.stage("write").unwrap();
        assert_eq!((write.skipped(), write.retried(), write.singles_in()), (2, 1, Some(5)));
    }

    #[test]
    fn a_step_that_takes_long_is_the_bottleneck_and_the_others_wait_for_it() {
        let slow = Duration::from_millis(20);
        let outcome = Steps::new("slow").run(|steps| {
            steps.step("first", |_| Ok(()))?;
            steps.step("second", |_| {
                std::thread::sleep(slow);
                Ok(())
            })?;
            steps.step("third", |_| Ok(()))
        });
        let report = outcome.unwrap().report;
        assert_eq!(report.bottleneck().unwrap().name(), "second");
        let [first, second, third] = report.stages() else { panic!("not three: {report}") };
        assert!(second.busy() >= slow, "{report}");
        assert!(first.waited_downstream() >= slow && third.waited_upstream() >= slow, "{report}");
        assert!(report.elapsed() >= slow, "{report}");
        assert!(report.to_string().ends_with("most of it in second"), "{report}");
    }

    #[test]
    fn it_prints_as_the_table_of_a_pipeline() {
        let outcome = Steps::new("queue").run(|steps| {
            steps.step("fill the buffer", |step| {
                step.items_out(12);
                Ok(())
            })
        });
        let table = outcome.unwrap().report.to_string();
        let words: Vec<Vec<_>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(words[0][..3], ["stage", "in", "out"]);
        assert_eq!(words[1][..7], ["fill", "the", "buffer", "-", "12", "0", "0"]);
        assert!(table.lines().nth(2).unwrap().starts_with("queue: "), "{table}");
    }

    #[test]
    fn an_error_names_the_step_and_has_the_report_so_far() {
        let error = Steps::new("queue")
            .run(|steps| {
                steps.step("read", |step| {
                    step.items_out(2);
                    Ok(())
                })?;
                steps.step("write", |_| Err::<(), _>(Failure::new("the disk is full").at("row 7")))?;
                steps.step("never", |_| Ok(()))
            })
            .unwrap_err();
        assert_eq!(error.to_string(), "pipeline queue failed in stage write at row 7");
        let rows: Vec<_> = error.report().stages().iter().map(|row| (row.name(), row.failed())).collect();
        assert_eq!(rows, [("read", 0), ("write", 1)]);
        let error = Steps::new("queue").run(|_| Err::<(), _>(std::fmt::Error.into())).unwrap_err();
        assert_eq!((error.stage(), error.to_string().as_str()), (None, "pipeline queue failed"));
    }

    /// The calls of an observer.
    #[derive(Default)]
    struct Notes(RefCell<Vec<String>>);

    impl Observer for &Notes {
        fn start(&mut self, total: Option<u64>) {
            self.0.borrow_mut().push(format!("of {total:?}"));
        }

        fn advance(&mut self, items: u64) {
            self.0.borrow_mut().push(items.to_string());
        }

        fn end(&mut self, end: RunEnd) {
            self.0.borrow_mut().push(end.to_string());
        }
    }

    fn told(run: impl FnOnce(RunOptions<'_>) -> Result<(), Error>) -> (Vec<String>, Option<Error>) {
        let notes = Notes::default();
        let error = run(RunOptions::new().observed_by(&notes)).err();
        (notes.0.into_inner(), error)
    }

    #[test]
    fn an_observer_is_told_what_the_steps_say() {
        let (notes, _) = told(|options| {
            let steps = Steps::new("told").total(5);
            let run = steps.run_with(options, |steps| {
                steps.step("one", |step| {
                    step.advance(2).items_in(100);
                    Ok(())
                })?;
                steps.step("two", |step| {
                    step.advance(3);
                    Ok(())
                })
            });
            run.map(drop)
        });
        assert_eq!(notes, ["of Some(5)", "2", "3", "finished"]);
        let (notes, _) = told(|options| {
            let fails = |_: &mut super::Step<'_>| Err::<(), _>(std::fmt::Error.into());
            Steps::new("fails").run_with(options, |steps| steps.step("fails", fails)).map(drop)
        });
        assert_eq!(notes, ["of None", "failed"]);
    }

    #[test]
    fn a_run_is_cancelled_before_a_step_and_where_a_step_checks() {
        let token = CancelToken::new();
        let (notes, error) = told(|options| {
            let run = Steps::new("cancelled").run_with(options.cancelled_by(&token), |steps| {
                steps.step("first", |_| {
                    token.cancel();
                    Ok(())
                })?;
                steps.step("second", |_| -> Result<(), Failure> { panic!("it was run") })
            });
            run.map(drop)
        });
        assert_eq!(notes, ["of None", "cancelled"]);
        let error = error.unwrap();
        assert!(error.is_cancelled());
        assert_eq!((error.stage(), error.report().stages().len()), (None, 1));

        let token = CancelToken::new();
        let options = RunOptions::new().cancelled_by(&token);
        let run = Steps::new("checks").run_with(options, |steps| {
            steps.step("long", |step| {
                token.cancel();
                step.cancel_token().check()?;
                Ok(())
            })
        });
        let error = run.unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(error.report().stage("long").unwrap().failed(), 0);
    }

    #[test]
    fn a_token_that_is_cancelled_in_the_last_step_changes_nothing() {
        let token = CancelToken::new();
        let run = Steps::new("late").run_with(RunOptions::new().cancelled_by(&token), |steps| {
            steps.step("commit", |_| {
                token.cancel();
                Ok(1)
            })
        });
        assert_eq!(run.unwrap().output, 1);
    }

    #[test]
    fn a_pipeline_inside_a_step_is_cancelled_with_the_run_or_fails_it() {
        fn run(inner: &CancelToken, outer: &CancelToken) -> Error {
            let options = RunOptions::new().cancelled_by(outer);
            let steps = Steps::new("outer").run_with(options, |steps| {
                steps.step("inner", |_| {
                    let numbers = Pipeline::new("numbers", from_iter(0..)).inspect(|_| inner.cancel());
                    Ok(numbers.end(Collect::new()).cancelled_by(inner).run()?.output)
                })
            });
            steps.unwrap_err()
        }
        let token = CancelToken::new();
        assert!(run(&token, &token).is_cancelled());
        let error = run(&CancelToken::new(), &CancelToken::new());
        assert!(!error.is_cancelled(), "nobody cancelled the run itself");
        assert_eq!(error.stage(), Some("inner"));
    }
}

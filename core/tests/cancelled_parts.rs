//! Sources, stages and sinks of users that wait: they get the token that cancels their run.

use std::thread;
use std::time::Duration;

use syncline_core::testing::Cue;
use syncline_core::{
    BoxedSink, CancelToken, Collect, Emit, Error, Failure, Halt, Pipeline, Progress, RunContext, RunOptions,
    Sink, Source, Stage, chain, dead_letter, from_iter, merge, merge_by, read_ahead, route, size, skip,
};

/// Waits for a minute at item 1, or until its run is cancelled: then it fails with the error of a cancelled run.
struct Waiting {
    token: CancelToken,
    waits: Cue,
}

impl Waiting {
    fn new(waits: &Cue) -> Self {
        Self { token: CancelToken::new(), waits: waits.clone() }
    }

    fn at(&self, n: u32) -> Result<(), Failure> {
        if n == 1 {
            self.waits.give();
            assert!(!self.token.sleep(Duration::from_mins(1)), "it was not told of the cancellation");
        }
        self.token.check()
    }
}

/// Source of the numbers below four.
struct WaitingSource(Waiting, u32);

impl Source for WaitingSource {
    type Item = u32;

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.0.token = context.cancel_token().clone();
    }

    fn advance(&mut self, out: &mut impl Emit<u32>) -> Result<Progress, Halt> {
        self.0.at(self.1)?;
        out.emit(self.1)?;
        self.1 += 1;
        Ok(if self.1 == 4 { Progress::Done } else { Progress::More })
    }
}

struct WaitingStage(Waiting);

impl Stage for WaitingStage {
    type In = u32;
    type Out = u32;

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.0.token = context.cancel_token().clone();
    }

    fn push(&mut self, n: u32, out: &mut impl Emit<u32>) -> Result<(), Halt> {
        self.0.at(n)?;
        out.emit(n)
    }
}

struct WaitingSink(Waiting);

impl Sink for WaitingSink {
    type In = u32;
    type Output = ();

    fn start(&mut self, context: &RunContext<'_, '_>) {
        self.0.token = context.cancel_token().clone();
    }

    fn consume(&mut self, n: u32) -> Result<(), Halt> {
        Ok(self.0.at(n)?)
    }

    fn finish(self) -> Result<(), Failure> {
        Ok(())
    }
}

/// Runs a pipeline with a part that waits, cancels it once the part waits, and checks its error.
#[track_caller]
fn check(run: impl FnOnce(Waiting, RunOptions<'static>, &CancelToken) -> Result<(), Error>) {
    let (waits, token) = (Cue::new(), CancelToken::new());
    let error = thread::scope(|scope| {
        scope.spawn(|| {
            while !waits.is_given() {
                thread::yield_now();
            }
            token.cancel();
        });
        let run = run(Waiting::new(&waits), RunOptions::new().cancelled_by(&token), &token);
        run.expect_err("it is cancelled")
    });
    assert!(error.is_cancelled(), "{error}: {:?}", std::error::Error::source(&error));
    assert_eq!(error.stage(), None);
    let failed = error.report().stages().iter().map(|stage| stage.failed() - stage.skipped());
    assert_eq!(failed.sum::<u64>(), 0, "that is no failure of a stage: {}", error.report());
}

fn numbers() -> Pipeline<u32, impl syncline_core::Chain<Item = u32>> {
    Pipeline::new("numbers", from_iter(0..4))
}

#[test]
fn a_source_hears_it_wherever_it_is() {
    fn run(source: impl Source<Item = u32>, options: RunOptions<'_>) -> Result<(), Error> {
        Pipeline::new("source", source).end(Collect::new()).run_with(options).map(drop)
    }
    let input = |waiting| Pipeline::new("input", WaitingSource(waiting, 0));
    check(|waiting, options, _| run(WaitingSource(waiting, 0), options));
    check(|waiting, options, _| run(input(waiting).buffer(size(1)).boxed().unbuffer(), options));
    check(|waiting, options, _| run(merge([input(waiting)]), options));
    check(|waiting, options, _| run(merge_by([input(waiting)], |n| *n), options));
    check(|waiting, options, _| run(chain([input(waiting)]), options));
    check(|waiting, options, _| run(numbers().take(1).chain(input(waiting)).merge(from_iter([9])), options));
    check(|waiting, options, _| {
        thread::scope(|scope| run(read_ahead(scope, WaitingSource(waiting, 0), size(1)), options))
    });
}

#[test]
fn a_stage_hears_it_wherever_it_is() {
    check(|waiting, options, _| {
        numbers().pipe(WaitingStage(waiting)).end(Collect::new()).run_with(options).map(drop)
    });
    // No policy is asked about a cancellation.
    check(|waiting, options, _| {
        let stage = numbers().pipe(WaitingStage(waiting)).on_error(skip(9)).on_error(skip(9));
        stage.end(Collect::new()).run_with(options).map(drop)
    });
    check(|waiting, options, _| {
        let part = numbers().pipe(WaitingStage(waiting)).buffer(size(9)).boxed().unbuffer();
        Pipeline::new("merged", merge([part])).end(Collect::new()).run_with(options).map(drop)
    });
    check(|waiting, _, token| {
        let items = numbers().pipe(WaitingStage(waiting)).into_iter().cancelled_by(token);
        items.collect::<Result<Vec<_>, _>>().map(drop)
    });
}

#[test]
fn a_sink_hears_it_wherever_it_is() {
    check(|waiting, options, _| numbers().end(WaitingSink(waiting)).run_with(options).map(drop));
    check(|waiting, options, _| {
        numbers().end(WaitingSink(waiting)).on_error(skip(9)).run_with(options).map(drop)
    });
    check(|waiting, options, _| {
        let sinks = [BoxedSink::new(WaitingSink(waiting))];
        numbers().end(route(sinks, |_| 0)).run_with(options).map(drop)
    });
    check(|waiting, options, _| {
        numbers().tee(WaitingSink(waiting)).end(Collect::new()).run_with(options).map(drop)
    });
    check(|waiting, _, token| {
        numbers()
            .tee(WaitingSink(waiting))
            .into_iter()
            .cancelled_by(token)
            .try_for_each(|item| item.map(drop))
    });
}

/// A sink of dead letters that waits like [`WaitingSink`].
struct WaitingLetters(WaitingSink);

impl Sink for WaitingLetters {
    type In = syncline_core::Letter<u32>;
    type Output = ();

    fn start(&mut self, context: &RunContext<'_, '_>) {
        self.0.start(context);
    }

    fn consume(&mut self, letter: Self::In) -> Result<(), Halt> {
        self.0.consume(letter.item)
    }

    fn finish(self) -> Result<(), Failure> {
        self.0.finish()
    }
}

#[test]
fn so_does_a_sink_for_dead_letters() {
    check(|waiting, options, _| {
        let failing = numbers().try_map(|_| Err::<u32, _>(std::fmt::Error.into()));
        let letters = dead_letter(WaitingLetters(WaitingSink(waiting)));
        failing.on_error(letters).end(Collect::new()).run_with(options).map(drop)
    });
}

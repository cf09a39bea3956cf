//! Checks that restart failed runs, and compare the result with that of a run without a failure.

use std::error::Error;
use std::fmt::Debug;
use std::num::NonZeroU64;

use crate::error::BoxError;
use crate::plural;
use crate::testing::Fault;

/// Checks that a run that failed at any point can be restarted, with the same result as a run without a failure.
///
/// For k = 0, 1, 2 and so on, until a run does not fail: creates a new world, fails a run in it after k chunks, runs it
/// again without a fault, and compares the world with that of an undisturbed run. A world is the data of the sources
/// and sinks: a database, a folder, a `Vec`. Returns the number of points of failure.
///
/// * `make` creates a world in its state before a run.
/// * `run` runs the pipeline once. The fault is in one place of it: [`Fault::source`], [`Fault::stage`],
///   [`Fault::sink`], or a call of [`Fault::pass`]. `?` accepts any error.
/// * `look` returns the part of the world to compare.
///
/// ```
/// use syncline_core::testing::{Fault, fail_at_each_chunk};
/// use syncline_core::{BoxError, Collect, Pipeline, from_iter, size};
///
/// /// Appends squares to `done`: all of them at the end, or none after an error.
/// fn squares(done: &mut Vec<u32>, fault: &Fault) -> Result<(), BoxError> {
///     let pipeline = Pipeline::new("squares", from_iter(1..=9)).map(|n| n * n).buffer(const { size(2) });
///     let outcome = pipeline.pipe(fault.stage()).unbuffer().end(Collect::new()).run()?;
///     done.extend(outcome.output);
///     Ok(())
/// }
///
/// // Before each of the five chunks, and at the end.
/// assert_eq!(fail_at_each_chunk(Vec::new, squares, Vec::clone), 6);
/// ```
///
/// # Panics
///
/// If the worlds differ; if a run fails by itself; if a run succeeds although the fault occurred, because some code
/// dropped the error; or if the fault never occurs, because it is not in the pipeline.
#[track_caller]
pub fn fail_at_each_chunk<W, R: PartialEq + Debug>(
    mut make: impl FnMut() -> W,
    mut run: impl FnMut(&mut W, &Fault) -> Result<(), BoxError>,
    mut look: impl FnMut(&W) -> R,
) -> u64 {
    let expected = look(&undisturbed(&mut make, &mut run));
    for chunks in 0.. {
        let mut world = make();
        if !strikes(&mut world, &mut run, chunks) {
            assert!(chunks > 0, "the fault is nowhere in the pipeline");
            return chunks;
        }
        if let Err(error) = run(&mut world, &Fault::never()) {
            panic!("failed once {} had passed, and then again: {}", passed(chunks), chain(&*error));
        }
        assert_eq!(
            look(&world),
            expected,
            "left: a run that failed once {} had passed, and was started again; right: undisturbed",
            passed(chunks)
        );
    }
    unreachable!("a run has fewer chunks than that")
}

/// Checks that a run that continues where it stopped reaches its end, however often it fails.
///
/// Runs the pipeline in one world again and again, each time with a failure after `chunks` chunks, until a run reaches
/// its end. Then compares the world with that of an undisturbed run. Returns the number of failed runs. The arguments
/// are those of [`fail_at_each_chunk`]. Use it for pipelines that commit during a run.
///
/// ```
/// use std::num::NonZeroU64;
/// use syncline_core::testing::{Fault, fail_every};
/// use syncline_core::{BoxError, Pipeline, for_each, from_iter};
///
/// /// Appends each square at once, and starts behind the existing ones.
/// fn squares(done: &mut Vec<usize>, fault: &Fault) -> Result<(), BoxError> {
///     let source = from_iter(done.len()..10);
///     let append = for_each(|n| Ok(done.push(n)));
///     Pipeline::new("squares", source).map(|n| n * n).pipe(fault.stage()).end(append).run()?;
///     Ok(())
/// }
///
/// let three = NonZeroU64::new(3).unwrap();
/// assert_eq!(fail_every(three, Vec::new, squares, Vec::clone), 3);
/// ```
///
/// # Panics
///
/// As [`fail_at_each_chunk`], and if a run leaves the world unchanged: it would never reach its end.
#[track_caller]
pub fn fail_every<W, R: PartialEq + Debug>(
    chunks: NonZeroU64,
    mut make: impl FnMut() -> W,
    mut run: impl FnMut(&mut W, &Fault) -> Result<(), BoxError>,
    mut look: impl FnMut(&W) -> R,
) -> u64 {
    let expected = look(&undisturbed(&mut make, &mut run));
    let mut world = make();
    let mut failed = 0;
    let mut before = look(&world);
    while strikes(&mut world, &mut run, chunks.get()) {
        failed += 1;
        let after = look(&world);
        assert!(
            after != before,
            "run {failed} failed once {} had passed, and left nothing new behind",
            passed(chunks.get())
        );
        before = after;
    }
    assert_eq!(look(&world), expected, "left: failed {failed} times; right: undisturbed");
    failed
}

#[track_caller]
fn undisturbed<W>(
    make: &mut impl FnMut() -> W,
    run: &mut impl FnMut(&mut W, &Fault) -> Result<(), BoxError>,
) -> W {
    let mut world = make();
    if let Err(error) = run(&mut world, &Fault::never()) {
        panic!("failed although nothing disturbed it: {}", chain(&*error));
    }
    world
}

fn passed(chunks: u64) -> String {
    plural(chunks, "chunk")
}

/// Runs the pipeline with a fault after `chunks` chunks. Returns `true` if the fault occurred.
#[track_caller]
fn strikes<W>(
    world: &mut W,
    run: &mut impl FnMut(&mut W, &Fault) -> Result<(), BoxError>,
    chunks: u64,
) -> bool {
    let fault = Fault::after(chunks);
    match run(world, &fault) {
        Ok(()) => {
            assert!(!fault.has_struck(), "ended well although it failed once {} had passed", passed(chunks));
            false
        }
        Err(error) => {
            assert!(fault.has_struck(), "failed by itself: {}", chain(&*error));
            true
        }
    }
}

/// The text of an error and its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::{fail_at_each_chunk, fail_every};
    use crate::testing::Fault;
    use crate::{BoxError, Collect, Pipeline, for_each, from_iter, size};

    /// Appends at once without a look at existing items, so it cannot be restarted.
    fn careless(done: &mut Vec<u32>, fault: &Fault) -> Result<(), BoxError> {
        let pipeline =
            Pipeline::new("careless", from_iter(0..6)).buffer(size(2)).pipe(fault.stage()).unbuffer();
        pipeline
            .end(for_each(|n| {
                done.push(n);
                Ok(())
            }))
            .run()?;
        Ok(())
    }

    /// Appends all items at the end.
    fn careful(done: &mut Vec<u32>, fault: &Fault) -> Result<(), BoxError> {
        let pipeline = Pipeline::new("careful", fault.source(from_iter(0..600))).end(Collect::new());
        done.extend(pipeline.run()?.output);
        Ok(())
    }

    #[test]
    fn a_careful_run_passes_at_every_chunk() {
        // 600 items are at least three chunks, and more while the chunks grow.
        assert!(fail_at_each_chunk(Vec::new, careful, Vec::clone) >= 3);
    }

    #[test]
    #[should_panic(expected = "a run that failed once 1 chunk had passed, and was started again")]
    fn a_careless_run_is_found() {
        fail_at_each_chunk(Vec::new, careless, Vec::clone);
    }

    #[test]
    #[should_panic(expected = "left nothing new behind")]
    fn a_run_that_never_gets_on_is_found() {
        fail_every(NonZeroU64::MIN, Vec::new, careful, Vec::clone);
    }

    #[test]
    #[should_panic(expected = "nowhere in the pipeline")]
    fn a_fault_that_is_nowhere_is_found() {
        fail_at_each_chunk(|| (), |(), _| Ok(()), |()| ());
    }

    #[test]
    #[should_panic(expected = "ended well although it failed once 0 chunks had passed")]
    fn a_swallowed_error_is_found() {
        fail_at_each_chunk(
            Vec::new,
            |done, fault| {
                let _ = careless(done, fault);
                Ok(())
            },
            Vec::clone,
        );
    }
}

//! Runs that fail, are started again, and are compared with one that did not.

use std::error::Error;
use std::fmt::Debug;
use std::num::NonZeroU64;

use crate::error::BoxError;
use crate::plural;
use crate::testing::Fault;

/// Checks that a run which failed, wherever it failed, can be started again and ends as if nothing had happened.
///
/// For k = 0, 1, 2 and so on until a run survives: a new world is made, a run in it fails once k chunks have passed, it
/// is run again without a fault, and what is seen of the world is compared with what an undisturbed run leaves. A
/// world is whatever sources and sinks work on: a database, a folder, a `Vec`. Returns at how many points it failed.
///
/// * `make` makes a world as it is before a run.
/// * `run` runs the pipeline once, with the fault in one place of it: [`Fault::source`], [`Fault::stage`],
///   [`Fault::sink`], or where somebody calls [`Fault::pass`]. `?` takes any error.
/// * `look` says what of the world is compared.
///
/// ```
/// use syncline_core::testing::{Fault, fail_at_each_chunk};
/// use syncline_core::{BoxError, Collect, Pipeline, from_iter, size};
///
/// /// Appends squares to `done`: all of them at the end, and none when it fails.
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
/// When what is seen differs; when a run fails by itself; when a run ends well although the fault struck, as it does
/// when somebody swallowed the error; and when the fault never strikes, since it is nowhere in the pipeline.
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

/// Checks that a run which goes on where it stopped comes to its end, however often it fails.
///
/// In one world it is run again and again, each time failing once `chunks` chunks have passed, until a run comes to its
/// end. What is seen of the world is then compared with what an undisturbed run leaves in another. Returns the number
/// of runs that failed. The arguments are those of [`fail_at_each_chunk`]; this one is for pipelines that commit on
/// their way.
///
/// ```
/// use std::num::NonZeroU64;
/// use syncline_core::testing::{Fault, fail_every};
/// use syncline_core::{BoxError, Pipeline, for_each, from_iter};
///
/// /// Appends each square at once, and begins behind those that are there.
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
/// As [`fail_at_each_chunk`], and when a run leaves the world as the one before it left it: it would go on for ever.
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

/// Runs it with a fault. Whether that struck.
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

/// An error and what caused it.
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

    /// Appends at once, and does not look at what is there: not safe to start again.
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

    /// Appends all at the end.
    fn careful(done: &mut Vec<u32>, fault: &Fault) -> Result<(), BoxError> {
        let pipeline = Pipeline::new("careful", fault.source(from_iter(0..600))).end(Collect::new());
        done.extend(pipeline.run()?.output);
        Ok(())
    }

    #[test]
    fn a_careful_run_passes_at_every_chunk() {
        assert_eq!(fail_at_each_chunk(Vec::new, careful, Vec::clone), 3);
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

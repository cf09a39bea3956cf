//! Second sinks, of `tee` and of dead letters, are finished together with the pipeline's own sink, and only if the run succeeds.

use syncline_core::testing::{Ending, Probe};
use syncline_core::{
    BoxedSink, CancelToken, Collect, Failure, Halt, Pipeline, Sink, dead_letter, for_each, from_iter, retry,
    size,
};

/// A sink that refuses every chunk.
fn no_room() -> impl Sink<In = Vec<u32>> {
    for_each(|_| Err(Failure::new("no room").into()))
}

/// Returns an error for even numbers.
fn odd(n: u32) -> Result<u32, Halt> {
    if n % 2 == 1 { Ok(n) } else { Err(Failure::new("even").into()) }
}

#[test]
fn what_still_fails_behind_a_buffer_at_the_end_drops_them() {
    let (copies, letters) = (Probe::new(), Probe::new());
    let (seen, put_away) = (copies.seen(), letters.seen());
    let run = Pipeline::new("second sinks", from_iter(0..3))
        .tee(copies)
        .try_map(odd)
        .on_error(dead_letter(letters))
        .buffer(size(10))
        .end(no_room())
        .run();
    assert!(run.is_err());
    assert_eq!((seen.items().len(), seen.ending()), (3, Ending::Dropped));
    assert_eq!(put_away.ending(), Ending::Dropped);
}

#[test]
fn a_run_that_is_cancelled_in_its_last_chunk_drops_them() {
    let (token, copies) = (CancelToken::new(), Probe::new());
    let seen = copies.seen();
    let run = Pipeline::new("second sinks", from_iter(0..3))
        .tee(copies)
        .inspect(|n| {
            if *n == 2 {
                token.cancel();
            }
        })
        .end(Collect::new())
        .cancelled_by(&token)
        .run();
    assert!(run.is_err());
    assert_eq!(seen.ending(), Ending::Dropped);
}

#[test]
fn a_good_run_finishes_them() {
    let (copies, letters, own) = (Probe::new(), Probe::new(), Probe::new());
    let endings = [copies.seen(), own.seen()];
    let put_away = letters.seen();
    Pipeline::new("second sinks", from_iter(0..3))
        .tee(copies)
        .try_map(odd)
        .on_error(dead_letter(letters))
        .end(own)
        .run()
        .unwrap();
    assert_eq!(endings.map(|seen| seen.ending()), [Ending::Finished; 2]);
    assert_eq!(put_away.ending(), Ending::Finished);
}

/// A sink whose `finish` fails.
struct Unfinished;

impl Sink for Unfinished {
    type In = u32;
    type Output = ();

    fn consume(&mut self, _: u32) -> Result<(), Halt> {
        Ok(())
    }

    fn finish(self) -> Result<(), Failure> {
        Err(Failure::new("the disk is full"))
    }
}

#[test]
fn one_that_cannot_be_finished_fails_the_run_at_its_stage() {
    let own = Probe::new();
    let seen = own.seen();
    let run = Pipeline::new("second sinks", from_iter(0..3)).tee(Unfinished).end(own).run();
    let error = run.unwrap_err();
    assert_eq!(error.stage(), Some("tee"));
    assert_eq!(error.report().stage("tee").unwrap().failed(), 1);
    assert_eq!(seen.ending(), Ending::Dropped);
}

#[test]
fn those_of_a_source_that_is_a_pipeline_and_of_an_iterator_are_finished_when_it_is_done() {
    let (merged, iterated) = (Probe::new(), Probe::new());
    let endings = [merged.seen(), iterated.seen()];
    let inner = Pipeline::new("inner", from_iter(0..3)).tee(merged);
    assert_eq!(Pipeline::new("outer", inner).end(Collect::new()).run().unwrap().output, [0, 1, 2]);
    let items = Pipeline::new("iterator", from_iter(0..3)).tee(iterated).into_iter();
    assert_eq!(items.map(Result::unwrap).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(endings.map(|seen| seen.ending()), [Ending::Finished; 2]);
}

/// A sink that counts items, retries left out.
struct Counting(u32, u32);

impl Sink for Counting {
    type In = u32;
    type Output = u32;

    fn consume(&mut self, n: u32) -> Result<(), Halt> {
        self.0 += 1;
        self.1 += 1;
        if n == 1 && self.1 < 4 { Err(Failure::new("busy").into()) } else { Ok(()) }
    }

    fn finish(self) -> Result<u32, Failure> {
        Ok(self.0)
    }

    fn before_retry(&mut self) {
        self.0 -= 1;
    }
}

#[test]
fn a_boxed_sink_hears_that_an_item_is_tried_again() {
    let busy = |_: &syncline_core::BoxError| true;
    let run = Pipeline::new("boxed", from_iter(0..3)).end(BoxedSink::new(Counting(0, 0))).on_error(retry(
        5,
        std::time::Duration::ZERO,
        busy,
    ));
    assert_eq!(run.run().unwrap().output, 3);
}

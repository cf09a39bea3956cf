//! Channels as sources and sinks.

use std::sync::mpsc;
use std::thread;

use syncline_core::testing::{Cue, fail_if};
use syncline_core::{
    Boxed, CancelToken, Collect, DeadLetter, Error, ForEach, Halt, Letter, Pipeline, ReceivingEnd,
    SendingEnd, ToChannel, dead_letter, for_each, from_channel, from_iter, size, skip, to_channel,
};

/// Sends `0..n` through a pipeline on another thread, and receives it with one on this.
fn round_trip<S, R>(sender: S, receiver: R, n: u64)
where
    S: SendingEnd<Item = u64> + Send + 'static,
    R: ReceivingEnd<Item = u64>,
{
    let sending = thread::spawn(move || Pipeline::new("send", from_iter(0..n)).end(to_channel(sender)).run());
    let outcome = Pipeline::new("receive", from_channel(receiver)).end(Collect::new()).run();
    let sent = sending.join().expect("a run does not panic").expect("nothing fails").output;
    assert_eq!(sent, n);
    assert_eq!(outcome.expect("nothing fails").output, (0..n).collect::<Vec<_>>());
}

#[test]
fn all_items_go_through_in_order() {
    for n in [0, 1, 255, 256, 257, 5000] {
        let (sender, receiver) = mpsc::channel();
        round_trip(sender, receiver, n);
        let (sender, receiver) = mpsc::sync_channel(1);
        round_trip(sender, receiver, n);
        let (sender, receiver) = mpsc::sync_channel(0);
        round_trip(sender, receiver, n);
    }
}

#[cfg(feature = "crossbeam")]
#[test]
fn crossbeams_channels_do_as_well() {
    for n in [0, 1, 256, 5000] {
        let (sender, receiver) = crossbeam_channel::unbounded();
        round_trip(sender, receiver, n);
        let (sender, receiver) = crossbeam_channel::bounded(3);
        round_trip(sender, receiver, n);
        let (sender, receiver) = crossbeam_channel::bounded(0);
        round_trip(sender, receiver, n);
    }
}

#[test]
fn a_sink_whose_receiver_is_gone_wants_no_more() {
    let (sender, receiver) = mpsc::sync_channel(1);
    let endless =
        thread::spawn(|| Pipeline::new("endless", from_iter(0_u64..)).end(to_channel(sender)).run().unwrap());
    assert_eq!(receiver.recv(), Ok(0));
    drop(receiver);
    assert!(endless.join().unwrap().output >= 1);
}

#[test]
fn senders_see_that_nobody_wants_more() {
    let (sender, receiver) = mpsc::sync_channel(1);
    let producer = thread::spawn(move || (0..u64::MAX).take_while(|n| sender.send(*n).is_ok()).count());
    let outcome = Pipeline::new("three", from_channel(receiver)).take(3).end(Collect::new()).run().unwrap();
    assert_eq!(outcome.output, [0, 1, 2]);
    assert!(producer.join().unwrap() >= 3);
}

#[test]
fn a_failed_run_closes_its_channel() {
    let (sender, receiver) = mpsc::channel();
    Pipeline::new("fail", from_iter(0..9))
        .pipe(fail_if(|n| *n == 2))
        .end(to_channel(sender))
        .run()
        .unwrap_err();
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn an_empty_channel_makes_a_source_idle() {
    use syncline_core::{Emit, Halt, Progress, Source};

    struct Ignore;

    impl Emit<u32> for Ignore {
        fn emit(&mut self, _: u32) -> Result<(), Halt> {
            Ok(())
        }
    }

    let (sender, receiver) = mpsc::channel();
    let mut source = from_channel(receiver);
    assert_eq!(source.advance(&mut Ignore).unwrap(), Progress::Idle);
    sender.send(1).unwrap();
    assert_eq!(source.advance(&mut Ignore).unwrap(), Progress::More);
    assert_eq!(source.advance(&mut Ignore).unwrap(), Progress::Idle);
    drop(sender);
    assert_eq!(source.advance(&mut Ignore).unwrap(), Progress::Done);
}

#[test]
fn a_run_that_waits_for_room_in_a_channel_of_crossbeam_can_be_cancelled() {
    let (sender, receiver) = crossbeam_channel::bounded(1);
    let (token, waits) = (CancelToken::new(), Cue::new());
    let run = thread::scope(|scope| {
        scope.spawn(|| {
            while !waits.is_given() {
                thread::yield_now();
            }
            token.cancel();
        });
        let pipeline = Pipeline::new("full", from_iter(0..9)).inspect(|n| {
            if *n == 1 {
                waits.give();
            }
        });
        // The copies go the same way: a second sink is told of the token too.
        let pipeline = pipeline.tee(to_channel(sender)).end(Collect::new());
        pipeline.cancelled_by(&token).run()
    });
    assert!(run.unwrap_err().is_cancelled());
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [0]);
}

#[test]
fn a_run_that_waits_for_room_for_dead_letters_can_be_cancelled() {
    type Letters = DeadLetter<ToChannel<crossbeam_channel::Sender<Letter<u8>>>>;

    /// Runs what fails at every item, and cancels it at the second, for whose letter there is no room.
    fn check(run: impl FnOnce(Pipeline<u8, Boxed<'_, u8>>, Letters, &CancelToken) -> Result<(), Error>) {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        let (token, waits) = (CancelToken::new(), Cue::new());
        let run = thread::scope(|scope| {
            scope.spawn(|| {
                while !waits.is_given() {
                    thread::yield_now();
                }
                token.cancel();
            });
            let items = Pipeline::new("full", from_iter(0..9)).inspect(|n| {
                if *n == 1 {
                    waits.give();
                }
            });
            run(items.boxed(), dead_letter(to_channel(sender)), &token)
        });
        assert!(run.unwrap_err().is_cancelled());
        assert_eq!(receiver.iter().map(|letter| letter.item).collect::<Vec<_>>(), [0]);
    }
    fn refuse<T>() -> ForEach<T, impl FnMut(T) -> Result<(), Halt>> {
        for_each(|_| Err(std::fmt::Error.into()))
    }
    check(|items, letters, token| {
        let failed = items.pipe(fail_if(|_| true)).on_error(letters);
        failed.end(Collect::new()).cancelled_by(token).run().map(drop)
    });
    check(|items, letters, token| {
        let failed =
            items.try_map_parallel(size(1), 0, |_| -> Result<u8, Halt> { Err(std::fmt::Error.into()) });
        let failed = failed.on_error((skip(0), letters));
        failed.end(Collect::new()).cancelled_by(token).run().map(drop)
    });
    check(|items, letters, token| items.end(refuse()).on_error(letters).cancelled_by(token).run().map(drop));
    check(|items, letters, token| {
        let chunks = items.buffer(size(1)).end(refuse());
        chunks.on_error_split(letters).cancelled_by(token).run().map(drop)
    });
}

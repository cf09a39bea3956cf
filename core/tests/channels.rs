//! Channels as sources and sinks.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use syncline_core::testing::{Cue, fail_if};
use syncline_core::{
    Boxed, CancelToken, Collect, DeadLetter, Error, ForEach, Halt, Letter, Pipeline, ReceivingEnd,
    SendingEnd, ToChannel, dead_letter, for_each, from_channel, from_iter, merge, size, skip, to_channel,
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

/// Cancels a run while the copy of its second item waits for room in a channel.
fn cancel_while_it_waits<S: SendingEnd<Item = u8>>(sender: S) {
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
        // A second sink receives the token as well.
        let pipeline = pipeline.tee(to_channel(sender)).end(Collect::new());
        pipeline.cancelled_by(&token).run()
    });
    assert!(run.expect_err("it is cancelled").is_cancelled());
}

#[test]
fn a_run_that_waits_for_room_in_a_channel_can_be_cancelled() {
    let (sender, receiver) = mpsc::sync_channel(1);
    cancel_while_it_waits(sender);
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [0]);
}

#[cfg(feature = "crossbeam")]
#[test]
fn a_run_that_waits_for_room_in_a_channel_of_crossbeam_can_be_cancelled() {
    let (sender, receiver) = crossbeam_channel::bounded(1);
    cancel_while_it_waits(sender);
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [0]);
}

#[test]
fn a_run_that_can_be_cancelled_sends_all_items_in_order_whoever_is_slow() {
    for room in [0, 1, 3] {
        for pause in [Duration::ZERO, Duration::from_micros(30), Duration::from_millis(1)] {
            let (sender, receiver) = mpsc::sync_channel(room);
            let token = CancelToken::new();
            let sending = thread::spawn(move || {
                let run = Pipeline::new("send", from_iter(0..50)).end(to_channel(sender));
                run.cancelled_by(&token).run()
            });
            let items = receiver.iter().inspect(|_| thread::sleep(pause)).collect::<Vec<u32>>();
            assert_eq!(items, (0..50).collect::<Vec<_>>());
            let outcome = sending.join().expect("a run does not panic").expect("nothing fails");
            assert_eq!(outcome.output, 50);
        }
    }
}

#[test]
fn a_run_that_nobody_can_cancel_waits_in_a_channel_without_room_for_who_only_looks() {
    let channels = [mpsc::sync_channel(0), mpsc::sync_channel(0)];
    let merged = thread::scope(|scope| {
        let received = channels.map(|(sender, receiver)| {
            scope.spawn(move || Pipeline::new("send", from_iter(0..20)).end(to_channel(sender)).run());
            from_channel(receiver)
        });
        Pipeline::new("merged", merge(received)).end(Collect::new()).run()
    });
    assert_eq!(merged.expect("nothing fails").output.len(), 40);
}

#[test]
fn waiting_for_room_is_no_work_though_nobody_is_woken() {
    let (sender, receiver) = mpsc::sync_channel(1);
    let token = CancelToken::new();
    let report = thread::scope(|scope| {
        scope.spawn(move || receiver.iter().for_each(|_: u32| thread::sleep(Duration::from_millis(5))));
        let run = Pipeline::new("slow", from_iter(0..10)).end(to_channel(sender)).cancelled_by(&token).run();
        run.expect("nothing fails").report
    });
    let sink = report.stage("to_channel").expect("it is there");
    assert!(sink.waited_downstream() > sink.busy() + Duration::from_millis(20), "{report}");
}

#[test]
fn a_run_that_waits_for_room_for_dead_letters_can_be_cancelled() {
    type Letters = DeadLetter<ToChannel<crossbeam_channel::Sender<Letter<u8>>>>;

    /// Runs a pipeline that fails at every item, and cancels it while the second dead letter waits for room.
    fn check(run: impl FnOnce(Pipeline<u8, Boxed<'_, u8>>, Letters, &CancelToken) -> Result<(), Error>) {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        let (token, waits) = (CancelToken::new(), Cue::new());
        let run = thread::scope(|scope| {
            scope.spawn(|| {
                // Behind a parallel stage, item 1 is read before the letter of item 0 is written.
                while !waits.is_given() || receiver.is_empty() {
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

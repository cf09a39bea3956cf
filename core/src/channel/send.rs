//! The sink `to_channel`: it sends items into a channel.

use std::fmt;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::channel::spin::spin;
use crate::error::{Failure, Halt};
use crate::run::{CancelToken, RunContext};
use crate::sink::SideSink;
use crate::sink::Sink;

/// A sink that sends its items into a channel: [`std::sync::mpsc`], `crossbeam_channel` with the feature `crossbeam`,
/// or any other [`SendingEnd`]. The output is the number of items sent.
///
/// ```
/// use std::sync::mpsc;
/// use std::thread;
/// use syncline_core::{Pipeline, from_iter, to_channel};
///
/// let (sender, receiver) = mpsc::sync_channel(10);
/// let consumer = thread::spawn(move || receiver.iter().sum::<u32>());
/// let outcome = Pipeline::new("send", from_iter(1..=100)).end(to_channel(sender)).run()?;
/// assert_eq!((outcome.output, consumer.join().unwrap()), (100, 5050));
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn to_channel<S: SendingEnd>(sender: S) -> ToChannel<S> {
    ToChannel { sender, sent: 0, waited: Duration::ZERO, cancel: CancelToken::uncancellable() }
}

/// Sink of [`to_channel`].
///
/// * Shape: any item. The output is the number of items sent.
/// * Memory: that of the channel. The run waits while a bounded channel is full. An unbounded channel grows without
///   limit while its receiver is slower than the pipeline.
/// * End: the sender is dropped, also after a failed run. The receiver cannot distinguish the two; the code that runs
///   the pipeline can.
/// * Error: none. If the receiver is dropped, the run ends successfully, because no more items are needed.
/// * Cancellation ends a wait for room at once. A bounded channel of [`std::sync::mpsc`] cannot be waited on with a
///   time limit. So a run with a cancel token polls for room, at intervals of up to 5 ms, instead of being woken: give
///   such a channel room for a few items. With `sync_channel(0)` an item reaches only a receiver that waits, as `recv`
///   does, and not one that only polls, as in a [`merge`](crate::merge) or a stream.
#[must_use]
pub struct ToChannel<S> {
    sender: S,
    sent: u64,
    waited: Duration,
    cancel: CancelToken,
}

/// The sending end of a channel, for [`to_channel`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the sending end of a channel",
    note = "crossbeam's channels need the feature `crossbeam`"
)]
pub trait SendingEnd {
    /// The items of the channel.
    type Item;

    /// Sends an item, and waits for room if the channel is bounded. Returns `false` if the receiver is dropped.
    #[must_use]
    fn deliver(&mut self, item: Self::Item) -> bool;

    /// Like [`deliver`](SendingEnd::deliver), but adds the time of the wait to `waited`.
    ///
    /// # Errors
    ///
    /// If `cancel` is cancelled during the wait, as far as the channel allows to notice it.
    #[doc(hidden)]
    fn deliver_timed(
        &mut self,
        item: Self::Item,
        waited: &mut Duration,
        cancel: &CancelToken,
    ) -> Result<bool, Failure> {
        let _ = (waited, cancel);
        Ok(self.deliver(item))
    }
}

impl<T> SendingEnd for mpsc::Sender<T> {
    type Item = T;

    fn deliver(&mut self, item: T) -> bool {
        self.send(item).is_ok()
    }
}

/// Sends `item`, with a short spin before it blocks. Returns `false` if the receiver is dropped.
fn send_patiently<T>(sender: &mpsc::SyncSender<T>, item: T) -> bool {
    match try_patiently(sender, item) {
        Tried::Sent => true,
        Tried::Closed => false,
        Tried::Full(item) => sender.send(item).is_ok(),
    }
}

/// Like [`send_patiently`], for a run that `cancel` may cancel during the wait.
fn send_unless_cancelled<T>(
    sender: &mpsc::SyncSender<T>,
    item: T,
    cancel: &CancelToken,
) -> Result<bool, Failure> {
    /// The shortest delay between two polls for room. A poll takes a microsecond, and waking up takes dozens.
    const SHORTEST: Duration = Duration::from_micros(20);
    const LONGEST: Duration = Duration::from_millis(5);
    let start = Instant::now();
    let mut tried = try_patiently(sender, item);
    loop {
        match tried {
            Tried::Sent => return Ok(true),
            Tried::Closed => return Ok(false),
            Tried::Full(_) if cancel.is_cancelled() => return Err(Failure::cancelled()),
            Tried::Full(item) => {
                // Room is noticed late by at most a quarter of the wait.
                std::thread::sleep((start.elapsed() / 4).clamp(SHORTEST, LONGEST));
                tried = Tried::of(sender, item);
            }
        }
    }
}

/// The result of an attempt to send.
enum Tried<T> {
    Sent,
    Closed,
    Full(T),
}

impl<T> Tried<T> {
    /// Sends `item`, if there is room.
    fn of(sender: &mpsc::SyncSender<T>, item: T) -> Self {
        match sender.try_send(item) {
            Ok(()) => Self::Sent,
            Err(mpsc::TrySendError::Disconnected(_)) => Self::Closed,
            Err(mpsc::TrySendError::Full(item)) => Self::Full(item),
        }
    }
}

/// Sends `item`, if there is room after a short spin.
fn try_patiently<T>(sender: &mpsc::SyncSender<T>, item: T) -> Tried<T> {
    let mut waiting = Some(item);
    let tried = spin(|| match Tried::of(sender, waiting.take()?) {
        Tried::Full(item) => {
            waiting = Some(item);
            None
        }
        done => Some(done),
    });
    tried.or(waiting.map(Tried::Full)).unwrap_or(Tried::Closed)
}

impl<T> SendingEnd for mpsc::SyncSender<T> {
    type Item = T;

    fn deliver(&mut self, item: T) -> bool {
        send_patiently(self, item)
    }

    // The clock is read only for a wait.
    fn deliver_timed(
        &mut self,
        item: T,
        waited: &mut Duration,
        cancel: &CancelToken,
    ) -> Result<bool, Failure> {
        match Tried::of(self, item) {
            Tried::Sent => Ok(true),
            Tried::Closed => Ok(false),
            Tried::Full(item) => {
                let start = Instant::now();
                let delivered = if cancel.can_be_cancelled() {
                    send_unless_cancelled(self, item, cancel)
                } else {
                    // A thread that waits in the channel itself is woken at once.
                    Ok(send_patiently(self, item))
                };
                *waited += start.elapsed();
                delivered
            }
        }
    }
}

#[cfg(feature = "crossbeam")]
impl<T> SendingEnd for crossbeam_channel::Sender<T> {
    type Item = T;

    fn deliver(&mut self, item: T) -> bool {
        self.send(item).is_ok()
    }

    fn deliver_timed(
        &mut self,
        item: T,
        waited: &mut Duration,
        cancel: &CancelToken,
    ) -> Result<bool, Failure> {
        let mut item = match self.try_send(item) {
            Ok(()) => return Ok(true),
            Err(crossbeam_channel::TrySendError::Disconnected(_)) => return Ok(false),
            Err(crossbeam_channel::TrySendError::Full(item)) => item,
        };
        let start = Instant::now();
        let delivered = loop {
            match self.send_timeout(item, crate::run::CHECK_INTERVAL) {
                Ok(()) => break Ok(true),
                Err(crossbeam_channel::SendTimeoutError::Disconnected(_)) => break Ok(false),
                Err(crossbeam_channel::SendTimeoutError::Timeout(_)) if cancel.is_cancelled() => {
                    break Err(Failure::cancelled());
                }
                Err(crossbeam_channel::SendTimeoutError::Timeout(refused)) => item = refused,
            }
        };
        *waited += start.elapsed();
        delivered
    }
}

impl<S: SendingEnd> Sink for ToChannel<S> {
    type In = S::Item;
    type Output = u64;

    fn consume(&mut self, item: S::Item) -> Result<(), Halt> {
        if !self.sender.deliver_timed(item, &mut self.waited, &self.cancel)? {
            return Err(Halt::Stop);
        }
        self.sent += 1;
        Ok(())
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.sent)
    }

    fn name(&self) -> &'static str {
        "to_channel"
    }

    fn waited(&self) -> Duration {
        self.waited
    }

    fn start(&mut self, context: &RunContext<'_, '_>) {
        self.cancel = context.cancel_token().clone();
    }
}

#[diagnostic::do_not_recommend]
impl<S> SideSink<u64> for ToChannel<S> {}

impl<S> fmt::Debug for ToChannel<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToChannel").field("sent", &self.sent).finish_non_exhaustive()
    }
}

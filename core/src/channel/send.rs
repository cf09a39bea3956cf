//! A channel, as a sink.

use std::fmt;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::channel::spin::spin;
use crate::error::{Failure, Halt};
use crate::run::CancelToken;
use crate::run::RunContext;
use crate::sink::Sink;

/// Sends the items into a channel: of [`std::sync::mpsc`], of `crossbeam_channel` with the feature `crossbeam`, or any
/// other [`SendingEnd`]. It gives back how many were sent.
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
    ToChannel { sender, sent: 0, waited: Duration::ZERO, cancel: CancelToken::nobodys() }
}

/// Sink of [`to_channel`].
///
/// * Shape: any item; gives back the number of items sent.
/// * Memory: that of the channel. A bounded one makes the run wait while it is full; an unbounded one grows without
///   end while its receiver is slower than the pipeline.
/// * End: the sender is dropped, in a run that failed too. A receiver cannot tell the two apart: whoever runs the
///   pipeline can.
/// * Error: none. Where the receiver is gone nobody wants more, so the run ends well.
/// * A run that is cancelled while it waits for room ends at once. A bounded channel of [`std::sync::mpsc`] cannot be waited
///   for with a limit. So a run that somebody can cancel looks for room again and again, after 5 ms at most, rather than
///   being woken: let such a channel have room for a few items. With `sync_channel(0)` what is sent reaches only a receiver
///   that waits, as `recv` does; one that only looks, as in a [`merge`](crate::merge) or a stream, gets nothing then.
#[must_use]
pub struct ToChannel<S> {
    sender: S,
    sent: u64,
    waited: Duration,
    cancel: CancelToken,
}

/// The end of a channel that [`to_channel`] puts items into.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the sending end of a channel",
    note = "crossbeam's channels need the feature `crossbeam`"
)]
pub trait SendingEnd {
    /// What goes into it.
    type Item;

    /// Puts an item in, and waits for room where the channel is bounded. Whether the receiver is still there.
    #[must_use]
    fn deliver(&mut self, item: Self::Item) -> bool;

    /// As [`deliver`](SendingEnd::deliver), and adds to `waited` how long there was no room.
    ///
    /// # Errors
    ///
    /// When `cancel` is cancelled while it waits, where that can be heeded.
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

/// Sends `item`, and waits for room with some patience. Whether the receiver is still there.
pub(crate) fn send_patiently<T>(sender: &mpsc::SyncSender<T>, item: T) -> bool {
    match try_patiently(sender, item) {
        Tried::Sent => true,
        Tried::Closed => false,
        Tried::Full(item) => sender.send(item).is_ok(),
    }
}

/// As [`send_patiently`], of a run that `cancel` may cancel while it waits.
fn send_unless_cancelled<T>(
    sender: &mpsc::SyncSender<T>,
    item: T,
    cancel: &CancelToken,
) -> Result<bool, Failure> {
    /// How long it rests before it looks for room again. A look takes a microsecond, and being woken from a rest dozens.
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
                // Room is found late by a quarter of the wait at most, or by little.
                std::thread::sleep((start.elapsed() / 4).clamp(SHORTEST, LONGEST));
                tried = Tried::of(sender, item);
            }
        }
    }
}

/// What became of an item.
enum Tried<T> {
    Sent,
    Closed,
    Full(T),
}

impl<T> Tried<T> {
    /// Puts `item` into the channel, if there is room.
    fn of(sender: &mpsc::SyncSender<T>, item: T) -> Self {
        match sender.try_send(item) {
            Ok(()) => Self::Sent,
            Err(mpsc::TrySendError::Disconnected(_)) => Self::Closed,
            Err(mpsc::TrySendError::Full(item)) => Self::Full(item),
        }
    }
}

/// Puts `item` into the channel, if there is room soon.
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

    // Only who has to wait looks at the clock.
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
                    // Who waits in the channel itself is woken at once.
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
        /// How often who waits looks whether the run was cancelled.
        const SLICE: Duration = Duration::from_millis(10);
        let mut item = match self.try_send(item) {
            Ok(()) => return Ok(true),
            Err(crossbeam_channel::TrySendError::Disconnected(_)) => return Ok(false),
            Err(crossbeam_channel::TrySendError::Full(item)) => item,
        };
        let start = Instant::now();
        let delivered = loop {
            match self.send_timeout(item, SLICE) {
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

impl<S> fmt::Debug for ToChannel<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToChannel").field("sent", &self.sent).finish_non_exhaustive()
    }
}

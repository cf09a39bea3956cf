//! A channel, as a sink.

use std::fmt;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::cancel::CancelToken;
use crate::context::Context;
use crate::error::{Failure, Halt};
use crate::patience::patiently;
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
    ToChannel { sender, sent: 0, waited: Duration::ZERO, cancel: CancelToken::new() }
}

/// Sink of [`to_channel`].
///
/// * Shape: any item; gives back the number of items sent.
/// * Memory: that of the channel. A bounded one makes the run wait while it is full; an unbounded one grows without
///   end while its receiver is slower than the pipeline.
/// * End: the sender is dropped, in a run that failed too. A receiver cannot tell the two apart: whoever runs the
///   pipeline can.
/// * Error: none. Where the receiver is gone nobody wants more, so the run ends well.
/// * A run that is cancelled while it waits for room ends at once with a channel of `crossbeam_channel`. One of
///   [`std::sync::mpsc`] cannot be waited for with a limit: the run ends once there is room, or the receiver is gone.
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
    let mut item = Some(item);
    let sent = patiently(|| match sender.try_send(item.take()?) {
        Ok(()) => Some(true),
        Err(mpsc::TrySendError::Disconnected(_)) => Some(false),
        Err(mpsc::TrySendError::Full(refused)) => {
            item = Some(refused);
            None
        }
    });
    sent.unwrap_or_else(|| item.is_some_and(|item| sender.send(item).is_ok()))
}

impl<T> SendingEnd for mpsc::SyncSender<T> {
    type Item = T;

    fn deliver(&mut self, item: T) -> bool {
        send_patiently(self, item)
    }

    // Only who has to wait looks at the clock.
    fn deliver_timed(&mut self, item: T, waited: &mut Duration, _: &CancelToken) -> Result<bool, Failure> {
        match self.try_send(item) {
            Ok(()) => Ok(true),
            Err(mpsc::TrySendError::Disconnected(_)) => Ok(false),
            Err(mpsc::TrySendError::Full(item)) => {
                let start = Instant::now();
                let delivered = self.deliver(item);
                *waited += start.elapsed();
                Ok(delivered)
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

    fn attach(&mut self, context: &Context<'_, '_, '_>) {
        self.cancel = context.cancel.clone();
    }
}

impl<S> fmt::Debug for ToChannel<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToChannel").field("sent", &self.sent).finish_non_exhaustive()
    }
}

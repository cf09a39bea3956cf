//! The source `from_channel`: the items received from a channel.

use std::fmt;
use std::sync::mpsc;
use std::time::Duration;

use crate::channel::spin::spin;
use crate::emit::Emit;
use crate::error::Halt;
use crate::source::{Progress, Source};

/// A source of the items in a channel: [`std::sync::mpsc`], `crossbeam_channel` with the feature `crossbeam`, or any
/// other [`ReceivingEnd`].
///
/// ```
/// use std::sync::mpsc;
/// use std::thread;
/// use syncline_core::{Collect, Pipeline, from_channel};
///
/// let (sender, receiver) = mpsc::sync_channel(10);
/// let producer = thread::spawn(move || (0..100).try_for_each(|n| sender.send(n)));
/// let outcome = Pipeline::new("evens", from_channel(receiver)).filter(|n| n % 2 == 0).end(Collect::new()).run()?;
/// assert_eq!(outcome.output.len(), 50);
/// # producer.join().unwrap().unwrap();
/// # Ok::<(), syncline_core::Error>(())
/// ```
///
/// While the channel is empty the source is [idle](Progress::Idle), so the run can be cancelled, and other sources can
/// advance. A run with no other source then waits at the channel, and continues as soon as an item is sent. A run that
/// merges several sources tries again after 0.1 to 20 ms; the delay grows while it finds nothing.
///
/// No item that was received is lost if the run [drains](crate::CancelToken::drain). What is still in the channel is
/// dropped with the receiver; a receiver that is lent, `from_channel(&mut receiver)`, still has it after the run.
pub fn from_channel<R: ReceivingEnd>(receiver: R) -> FromChannel<R> {
    FromChannel { receiver, waited_for: None }
}

/// Source of [`from_channel`].
///
/// * Shape: the items in the order in which they are received.
/// * Memory: at most one item.
/// * End: when all senders are dropped and the channel is empty. If the run ends earlier, the receiver is dropped with
///   the pipeline, and senders get an error.
/// * Error: none.
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct FromChannel<R: ReceivingEnd> {
    receiver: R,
    /// The result of a wait, to be used first.
    waited_for: Option<Received<R::Item>>,
}

/// The result of an attempt to receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received<T> {
    /// An item.
    Item(T),
    /// No item now; there may be one later.
    Nothing,
    /// No item, and never another: the channel is closed.
    Closed,
}

/// The receiving end of a channel, for [`from_channel`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the receiving end of a channel",
    note = "crossbeam's channels need the feature `crossbeam`"
)]
pub trait ReceivingEnd {
    /// The items of the channel.
    type Item;

    /// Receives an item without waiting.
    fn try_receive(&mut self) -> Received<Self::Item>;

    /// Receives an item, and waits for up to `at_most`. The default implementation sleeps for that time first.
    fn receive_within(&mut self, at_most: Duration) -> Received<Self::Item> {
        std::thread::park_timeout(at_most);
        self.try_receive()
    }
}

impl<T> ReceivingEnd for mpsc::Receiver<T> {
    type Item = T;

    fn try_receive(&mut self) -> Received<T> {
        match self.try_recv() {
            Ok(item) => Received::Item(item),
            Err(mpsc::TryRecvError::Empty) => Received::Nothing,
            Err(mpsc::TryRecvError::Disconnected) => Received::Closed,
        }
    }

    fn receive_within(&mut self, at_most: Duration) -> Received<T> {
        let received = spin(|| match self.try_receive() {
            Received::Nothing => None,
            received => Some(received),
        });
        if let Some(received) = received {
            return received;
        }
        match self.recv_timeout(at_most) {
            Ok(item) => Received::Item(item),
            Err(mpsc::RecvTimeoutError::Timeout) => Received::Nothing,
            Err(mpsc::RecvTimeoutError::Disconnected) => Received::Closed,
        }
    }
}

#[cfg(feature = "crossbeam")]
impl<T> ReceivingEnd for crossbeam_channel::Receiver<T> {
    type Item = T;

    fn try_receive(&mut self) -> Received<T> {
        match self.try_recv() {
            Ok(item) => Received::Item(item),
            Err(crossbeam_channel::TryRecvError::Empty) => Received::Nothing,
            Err(crossbeam_channel::TryRecvError::Disconnected) => Received::Closed,
        }
    }

    fn receive_within(&mut self, at_most: Duration) -> Received<T> {
        match self.recv_timeout(at_most) {
            Ok(item) => Received::Item(item),
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => Received::Nothing,
            Err(crossbeam_channel::RecvTimeoutError::Disconnected) => Received::Closed,
        }
    }
}

/// A receiver that is lent: the items that are still in the channel at the end of a run stay there.
impl<R: ReceivingEnd> ReceivingEnd for &mut R {
    type Item = R::Item;

    fn try_receive(&mut self) -> Received<R::Item> {
        R::try_receive(self)
    }

    fn receive_within(&mut self, at_most: Duration) -> Received<R::Item> {
        R::receive_within(self, at_most)
    }
}

impl<R: ReceivingEnd> Source for FromChannel<R> {
    type Item = R::Item;

    fn advance(&mut self, out: &mut impl Emit<R::Item>) -> Result<Progress, Halt> {
        for received in 0..out.chunk() {
            match self.waited_for.take().unwrap_or_else(|| self.receiver.try_receive()) {
                Received::Item(item) => out.emit(item)?,
                Received::Nothing if received == 0 => return Ok(Progress::Idle),
                Received::Nothing => return Ok(Progress::More),
                Received::Closed => return Ok(Progress::Done),
            }
        }
        Ok(Progress::More)
    }

    fn wait(&mut self, at_most: Duration) {
        // An item that was received and not emitted yet stays.
        if !matches!(self.waited_for, Some(Received::Item(_) | Received::Closed)) {
            self.waited_for = Some(self.receiver.receive_within(at_most));
        }
    }

    fn drain(&mut self, out: &mut impl Emit<R::Item>) -> Result<(), Halt> {
        match self.waited_for.take() {
            Some(Received::Item(item)) => out.emit(item),
            Some(Received::Nothing | Received::Closed) | None => Ok(()),
        }
    }

    fn name(&self) -> &'static str {
        "from_channel"
    }
}

impl<R: ReceivingEnd> fmt::Debug for FromChannel<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromChannel").finish_non_exhaustive()
    }
}

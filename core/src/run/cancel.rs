//! Cancellation: `CancelToken` ends runs from outside, at once or after what is on its way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::error::Failure;

/// The interval of the checks for cancellation during a wait.
pub(crate) const CHECK_INTERVAL: Duration = Duration::from_millis(10);

/// A token that ends runs: see [`Runnable::cancelled_by`](crate::Runnable::cancelled_by).
///
/// All clones are the same token. Use it from another thread, from a signal handler's thread, or from a stage.
///
/// | | [`cancel`](CancelToken::cancel) | [`drain`](CancelToken::drain) |
/// |---|---|---|
/// | the source | is dropped | is stopped; it emits the items that it has taken from a channel, or read ahead |
/// | items in stages | are dropped | are processed and reach the sink |
/// | the sink | is not finished, so its open work does not become durable | is finished |
/// | the run | an [`Error`](crate::Error) that [is a cancellation](crate::Error::is_cancelled) | succeeds |
///
/// A run checks the token between two chunks of its source. A chunk is one item at first, 256 items while they are fast,
/// and again one item if they take some milliseconds each. So only the chunk in which fast items become slow is a long
/// one. `flat_map`, [`FlatMap`](crate::FlatMap) and `unbuffer` check it in the same way among the items that they emit. A
/// stage of your own that emits many items for one can call [`Emit::check`](crate::Emit::check) among them. A source or a
/// stage that blocks delays a cancellation, for example a read from a pipe.
///
/// ```
/// use syncline_core::{CancelToken, Pipeline, for_each, from_iter};
///
/// let token = CancelToken::new();
/// let error = Pipeline::new("endless", from_iter(1..))
///     .end(for_each(|n: u64| {
///         if n == 1000 {
///             token.cancel();
///         }
///         Ok(())
///     }))
///     .cancelled_by(&token)
///     .run()
///     .unwrap_err();
/// assert!(error.is_cancelled());
/// assert_eq!(error.to_string(), "pipeline endless was cancelled");
/// ```
///
/// A service that is stopped without losing an item that it has received:
///
/// ```
/// use std::sync::mpsc;
/// use syncline_core::{CancelToken, Collect, Pipeline, from_channel, size};
///
/// let (sender, mut receiver) = mpsc::channel();
/// (1..=3).try_for_each(|n| sender.send(n))?;
/// let token = CancelToken::new();
/// let run = Pipeline::new("service", from_channel(&mut receiver))
///     .inspect(|n| if *n == 3 { token.drain() })
///     .buffer(const { size(100) })
///     .end(Collect::new())
///     .cancelled_by(&token);
/// // Without `drain` the run would wait for the sender.
/// assert_eq!(run.run()?.output, [[1, 2, 3]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_cancelled: AtomicBool,
    is_draining: AtomicBool,
    /// True for the default token, which no caller can cancel; only its parents in `heeded` can.
    is_uncancellable: bool,
    /// The parent tokens, which cancel this one as well.
    heeded: OnceLock<Vec<CancelToken>>,
}

impl CancelToken {
    /// Creates a token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The default token of a run, which no caller can cancel.
    pub(crate) fn uncancellable() -> Self {
        Self(Arc::new(State { is_uncancellable: true, ..State::default() }))
    }

    /// A token that is cancelled with any of `tokens`.
    pub(crate) fn of(tokens: Vec<Self>) -> Self {
        let token = Self::uncancellable();
        token.heed(tokens);
        token
    }

    /// Adds `tokens` as parents, once. Later calls have no effect.
    pub(crate) fn heed(&self, tokens: Vec<Self>) {
        let _ = self.0.heeded.set(tokens);
    }

    /// Returns `true` if a caller can cancel the token. A wait in a run that cannot be cancelled needs no checks.
    pub(crate) fn can_be_cancelled(&self) -> bool {
        !self.0.is_uncancellable
            || self.0.heeded.get().is_some_and(|heeded| heeded.iter().any(Self::can_be_cancelled))
    }

    /// Cancels the token's runs. This cannot be undone.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Release);
    }

    /// Returns `true` if the token was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Acquire)
            || self.0.heeded.get().is_some_and(|heeded| heeded.iter().any(Self::is_cancelled))
    }

    /// Ends the token's runs successfully: each stops its source, processes the items that are on their way, and finishes
    /// its sink. Items that the source has taken from elsewhere are on their way: those of a channel, and those that a
    /// thread has read ahead. What is still in a channel stays there.
    ///
    /// A run that drains can still be [cancelled](CancelToken::cancel). [`Steps`](crate::Steps) have no source, and go
    /// on.
    pub fn drain(&self) {
        self.0.is_draining.store(true, Ordering::Release);
    }

    /// Returns `true` if the token's runs [drain](CancelToken::drain). A source or stage that works for long, without
    /// an end, checks it.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.is_draining.load(Ordering::Acquire)
            || self.0.heeded.get().is_some_and(|heeded| heeded.iter().any(Self::is_draining))
    }

    /// Fails with the error of a cancelled run if the token was cancelled. Call `token.check()?` in a stage, source or
    /// [step](crate::Steps) that works for long.
    ///
    /// # Errors
    ///
    /// If the token was cancelled. No policy is called for that error, and it does not count as a failure of the stage.
    ///
    /// ```
    /// use syncline_core::CancelToken;
    ///
    /// let token = CancelToken::new();
    /// assert!(token.check().is_ok());
    /// token.cancel();
    /// assert!(token.check().is_err());
    /// ```
    pub fn check(&self) -> Result<(), Failure> {
        if self.is_cancelled() { Err(Failure::cancelled()) } else { Ok(()) }
    }

    /// Waits for `time`. Returns `false` if the token was cancelled, which ends the wait within 10 ms. For a
    /// [policy](crate::Policy) that waits, and for other waits in a run.
    ///
    /// ```
    /// use std::time::Duration;
    /// use syncline_core::CancelToken;
    ///
    /// let token = CancelToken::new();
    /// assert!(token.sleep(Duration::from_millis(1)));
    /// token.cancel();
    /// assert!(!token.sleep(Duration::from_secs(3600)));
    /// ```
    #[must_use]
    pub fn sleep(&self, time: Duration) -> bool {
        let start = Instant::now();
        while !self.is_cancelled() {
            let left = time.saturating_sub(start.elapsed());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(CHECK_INTERVAL));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::{Duration, Instant};

    use super::CancelToken;
    use crate::{Collect, Emit, Failure, Halt, Pipeline, Progress, RunOptions, Sink, Source, from_iter};

    struct Finished<'a>(&'a Cell<bool>);

    impl Sink for Finished<'_> {
        type In = Vec<i32>;
        type Output = ();

        fn consume(&mut self, _: Vec<i32>) -> Result<(), Halt> {
            Ok(())
        }

        fn finish(self) -> Result<(), Failure> {
            self.0.set(true);
            Ok(())
        }
    }

    #[test]
    fn nothing_of_the_open_work_is_finished() {
        for cancelled in [false, true] {
            let (finished, token) = (Cell::new(false), CancelToken::new());
            let run = Pipeline::new("cancelled", from_iter(0..3))
                .inspect(|_| {
                    if cancelled {
                        token.cancel();
                    }
                })
                .flat_map(|n| std::iter::repeat_n(n, 500))
                .buffer(crate::size(7))
                .end(Finished(&finished))
                .cancelled_by(&token)
                .run();
            // The source emits all its items in one chunk, so there is no later chunk at which the run could check the
            // token.
            assert_eq!(run.err().is_some_and(|error| error.is_cancelled()), cancelled);
            assert_eq!(finished.get(), !cancelled);
        }
    }

    #[test]
    fn a_run_that_is_cancelled_before_it_begins_asks_for_nothing() {
        let token = CancelToken::new();
        token.cancel();
        let never = from_iter(std::iter::repeat_with(|| panic!("it was asked")));
        let pipeline = Pipeline::new("cancelled", never).map(|(): ()| 1).end(Collect::new());
        assert!(pipeline.cancelled_by(&token).run().unwrap_err().is_cancelled());
    }

    /// A source without items, which cancels the token at the third call.
    struct Silent(u8, CancelToken);

    impl Source for Silent {
        type Item = u8;

        fn advance(&mut self, _: &mut impl Emit<u8>) -> Result<Progress, Halt> {
            self.0 += 1;
            if self.0 == 3 {
                self.1.cancel();
            }
            Ok(Progress::Idle)
        }
    }

    #[test]
    fn an_idle_run_is_cancelled_too() {
        let token = CancelToken::new();
        let run =
            Pipeline::new("idle", Silent(0, token.clone())).end(Collect::new()).cancelled_by(&token).run();
        assert!(run.unwrap_err().is_cancelled());
    }

    #[test]
    fn waiting_ends_at_once_when_cancelled() {
        let token = CancelToken::new();
        assert!(token.sleep(Duration::from_nanos(1)));
        let from_elsewhere = token.clone();
        let (begun, has_begun) = std::sync::mpsc::channel();
        let canceller = std::thread::spawn(move || {
            has_begun.recv().unwrap();
            // Time for the other thread to fall asleep.
            std::thread::sleep(Duration::from_millis(30));
            from_elsewhere.cancel();
        });
        let start = Instant::now();
        begun.send(()).unwrap();
        assert!(!token.sleep(Duration::from_mins(10)));
        assert!(start.elapsed() >= Duration::from_millis(20), "it did not wait");
        canceller.join().unwrap();
    }

    #[test]
    fn a_run_heeds_every_token_that_it_was_given() {
        fn check(cancelled: [bool; 3]) {
            let tokens = [(); 3].map(|()| CancelToken::new());
            let pipeline = Pipeline::new("three", from_iter(0..3)).inspect(|_| {
                for (token, _) in tokens.iter().zip(cancelled).filter(|(_, is_cancelled)| *is_cancelled) {
                    token.cancel();
                }
            });
            let run = pipeline
                .end(Collect::new())
                .cancelled_by(&tokens[0])
                .cancelled_by(&tokens[1])
                .run_with(RunOptions::new().cancelled_by(&tokens[2]));
            assert_eq!(run.is_err_and(|error| error.is_cancelled()), cancelled.contains(&true));
        }
        check([false; 3]);
        check([true, false, false]);
        check([false, true, false]);
        check([false, false, true]);
    }

    #[test]
    fn a_run_can_be_cancelled_by_those_that_it_heeds() {
        let own = CancelToken::of(vec![CancelToken::uncancellable(), CancelToken::uncancellable()]);
        assert!(!own.can_be_cancelled());
        assert!(CancelToken::of(vec![own.clone(), CancelToken::new()]).can_be_cancelled());
        assert!(CancelToken::default().can_be_cancelled());
    }
}

//! The waker for a waiting pipeline: that of the task that polls it, or of the thread that runs it.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use crate::error::Failure;
use crate::run::{CHECK_INTERVAL, CancelToken};

thread_local! {
    /// The waker of the task that polls a pipeline on this thread.
    static POLLED_BY: RefCell<Option<Waker>> = const { RefCell::new(None) };
}

/// A waker that unparks a thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs `f` with `waker` as the waker of the polling task.
pub(crate) fn polled_by<T>(waker: &Waker, f: impl FnOnce() -> T) -> T {
    struct Restore(Option<Waker>);

    impl Drop for Restore {
        fn drop(&mut self) {
            POLLED_BY.set(self.0.take());
        }
    }

    let _restore = Restore(POLLED_BY.replace(Some(waker.clone())));
    f()
}

/// Returns `true` if a task polls a pipeline on this thread: waiting would block the executor.
pub(crate) fn is_polled() -> bool {
    POLLED_BY.with_borrow(Option::is_some)
}

/// The waker of the polling task, or else a waker that unparks this thread.
pub(crate) fn current() -> Waker {
    POLLED_BY.with_borrow(Clone::clone).unwrap_or_else(|| Arc::new(Unpark(std::thread::current())).into())
}

/// Parks this thread until `future` is ready. Fails if `cancel` is cancelled.
pub(crate) fn block_on<T>(future: impl Future<Output = T>, cancel: &CancelToken) -> Result<T, Failure> {
    let mut future = pin!(future);
    let waker: Waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return Ok(output),
            Poll::Pending if cancel.is_cancelled() => return Err(Failure::cancelled()),
            Poll::Pending => std::thread::park_timeout(CHECK_INTERVAL),
        }
    }
}

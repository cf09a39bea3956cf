//! The work of a parallel stage, with or without a state for each worker.

use crate::error::{Failure, Halt};

/// The work on an item, which several threads do.
pub trait Work<T, U>: Send + Sync {
    /// The state of one worker. `()` for work that needs none.
    type State;

    /// Creates the state of one worker. Called on the worker's thread, before its first item.
    ///
    /// # Errors
    ///
    /// If the state cannot be created: then the run fails.
    fn start(&self) -> Result<Self::State, Failure>;

    /// Converts `item`.
    ///
    /// # Errors
    ///
    /// If the conversion fails.
    fn work(&self, state: &mut Self::State, item: T) -> Result<U, Halt>;

    /// The name of the stage.
    #[doc(hidden)]
    const NAME: &'static str = "map";
}

/// Work that cannot fail: of [`Pipeline::map_parallel`](crate::Pipeline::map_parallel).
#[derive(Debug)]
pub struct Plain<F>(pub(crate) F);

/// Work that may fail: of [`Pipeline::try_map_parallel`](crate::Pipeline::try_map_parallel).
#[derive(Debug)]
pub struct Fallible<F>(pub(crate) F);

/// Work with a state for each worker, which the first closure creates: of
/// [`Pipeline::map_parallel_with`](crate::Pipeline::map_parallel_with).
#[derive(Debug)]
pub struct PlainWith<I, F>(pub(crate) I, pub(crate) F);

/// Work with a state for each worker that may fail: of
/// [`Pipeline::try_map_parallel_with`](crate::Pipeline::try_map_parallel_with).
#[derive(Debug)]
pub struct FallibleWith<I, F>(pub(crate) I, pub(crate) F);

impl<F: Fn(T) -> U + Send + Sync, T, U> Work<T, U> for Plain<F> {
    type State = ();

    fn start(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn work(&self, (): &mut (), item: T) -> Result<U, Halt> {
        Ok((self.0)(item))
    }
}

impl<F: Fn(T) -> Result<U, Halt> + Send + Sync, T, U> Work<T, U> for Fallible<F> {
    const NAME: &'static str = "try_map";

    type State = ();

    fn start(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn work(&self, (): &mut (), item: T) -> Result<U, Halt> {
        (self.0)(item)
    }
}

impl<S, I, F, T, U> Work<T, U> for PlainWith<I, F>
where
    I: Fn() -> Result<S, Failure> + Send + Sync,
    F: Fn(&mut S, T) -> U + Send + Sync,
{
    type State = S;

    fn start(&self) -> Result<S, Failure> {
        (self.0)()
    }

    fn work(&self, state: &mut S, item: T) -> Result<U, Halt> {
        Ok((self.1)(state, item))
    }
}

impl<S, I, F, T, U> Work<T, U> for FallibleWith<I, F>
where
    I: Fn() -> Result<S, Failure> + Send + Sync,
    F: Fn(&mut S, T) -> Result<U, Halt> + Send + Sync,
{
    const NAME: &'static str = "try_map";

    type State = S;

    fn start(&self) -> Result<S, Failure> {
        (self.0)()
    }

    fn work(&self, state: &mut S, item: T) -> Result<U, Halt> {
        (self.1)(state, item)
    }
}

/// The state of one worker, created at the first use.
pub(super) struct Lazy<S>(Option<S>);

/// The reason why an item was not converted.
pub(super) enum Unmade {
    /// The worker's state could not be created, which is not the item's error.
    NoState(Failure),
    Halt(Halt),
}

impl<S> Lazy<S> {
    pub(super) const fn new() -> Self {
        Self(None)
    }

    /// Returns the state. Creates it at the first call.
    pub(super) fn start<T, U, F: Work<T, U, State = S>>(&mut self, work: &F) -> Result<&mut S, Failure> {
        match &mut self.0 {
            Some(state) => Ok(state),
            empty => Ok(empty.insert(work.start()?)),
        }
    }

    /// Converts `item`.
    pub(super) fn work<T, U, F: Work<T, U, State = S>>(&mut self, work: &F, item: T) -> Result<U, Unmade> {
        let state = self.start(work).map_err(Unmade::NoState)?;
        work.work(state, item).map_err(Unmade::Halt)
    }
}

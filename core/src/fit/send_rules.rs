//! Rules on types that cross threads, and the functions that make parallel stages.

use std::marker::PhantomData;
use std::num::NonZeroUsize;

use crate::error::{Failure, Halt};
use crate::fit::{Nobody, Nothing, Trait};
use crate::pipeline::{Pipeline, Then, Threaded};
use crate::stage::{Fallible, FallibleWith, Keyed, Parallel, Plain, PlainWith};

/// The implementor of the rules on types that cross threads. The compiler names it if a rule is broken.
//
// If the type itself implemented the rules, the compiler would propose to borrow it.
#[derive(Debug, Clone, Copy)]
pub struct Threads;

/// Declares a rule that a type may cross threads, with a function that returns the parallel stage if the type may.
/// Otherwise the type of the stage stays open, and the compiler reports no errors of the code behind it.
macro_rules! sent {
    ($(#[$attribute:meta])* $rule:ident<$what:ident>: $($asked:path),+) => {
        $(#[$attribute])*
        pub trait $rule<$what, By> {
            #[doc(hidden)]
            type Allowed<S>;

            #[doc(hidden)]
            fn allow<S>(self, what: PhantomData<fn($what)>, stage: S) -> Self::Allowed<S>;
        }

        #[diagnostic::do_not_recommend]
        impl<$what: $($asked +)+> $rule<$what, Trait> for Threads {
            type Allowed<S> = S;

            #[inline]
            fn allow<S>(self, _: PhantomData<fn($what)>, stage: S) -> S {
                stage
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$what: Nothing> $rule<$what, Nobody> for Threads {
            type Allowed<S> = S;

            fn allow<S>(self, _: PhantomData<fn($what)>, stage: S) -> S {
                stage
            }
        }
    };
}

sent! {
    /// The items of a parallel stage may be sent to other threads.
    #[diagnostic::on_unimplemented(
        message = "`parallel` sends items to other threads, and `{T}` is not `Send`",
        label = "`{T}` cannot be sent to another thread"
    )]
    AreItems<T>: Send
}

sent! {
    /// The results of a parallel stage may be sent from other threads.
    #[diagnostic::on_unimplemented(
        message = "`parallel` makes items on other threads, and `{U}` is not `Send`",
        label = "`{U}` cannot be sent from another thread"
    )]
    AreResults<U>: Send
}

sent! {
    /// The closure of a parallel stage may be called on several threads at once.
    #[diagnostic::on_unimplemented(
        message = "`parallel` calls a closure on several threads at once, and this one uses a value that is not `Send` and `Sync`",
        label = "cannot be called on several threads at once",
        note = "use an `Arc` in place of an `Rc`, and an atomic or a `Mutex` in place of a `Cell`"
    )]
    IsWork<W>: Send, Sync
}

/// The parallel stage of a `map`, for items of a pipeline.
#[doc(hidden)]
pub fn map_parallel<T, U, C, M, F: Fn(T) -> U>(
    _: &Pipeline<T, C, M>,
    workers: NonZeroUsize,
    capacity: usize,
    work: F,
) -> Parallel<Plain<F>, T, U> {
    Parallel::new(workers, capacity, Plain(work))
}

/// The parallel stage of a `try_map`, for items of a pipeline.
#[doc(hidden)]
pub fn try_map_parallel<T, U, C, M, F: Fn(T) -> Result<U, Halt>>(
    _: &Pipeline<T, C, M>,
    workers: NonZeroUsize,
    capacity: usize,
    work: F,
) -> Parallel<Fallible<F>, T, U> {
    Parallel::new(workers, capacity, Fallible(work))
}

/// The parallel stage of a `map` with a state for each thread.
#[doc(hidden)]
pub fn map_parallel_with<T, U, S, C, M, I, F>(
    _: &Pipeline<T, C, M>,
    workers: NonZeroUsize,
    capacity: usize,
    start: I,
    work: F,
) -> Parallel<PlainWith<I, F>, T, U, S>
where
    I: Fn() -> Result<S, Failure>,
    F: Fn(&mut S, T) -> U,
{
    Parallel::new(workers, capacity, PlainWith(start, work))
}

/// The parallel stage of a `try_map` with a state for each thread.
#[doc(hidden)]
pub fn try_map_parallel_with<T, U, S, C, M, I, F>(
    _: &Pipeline<T, C, M>,
    workers: NonZeroUsize,
    capacity: usize,
    start: I,
    work: F,
) -> Parallel<FallibleWith<I, F>, T, U, S>
where
    I: Fn() -> Result<S, Failure>,
    F: Fn(&mut S, T) -> Result<U, Halt>,
{
    Parallel::new(workers, capacity, FallibleWith(start, work))
}

/// A parallel stage whose items with one key go to one thread.
#[doc(hidden)]
pub fn keyed<W, T, U, S, K, G: FnMut(&T) -> K>(
    stage: Parallel<W, T, U, S>,
    key_of: G,
) -> Parallel<W, T, U, S, Keyed<G, K>> {
    stage.by_key(key_of)
}

/// The types of the items, the results and the work of a parallel stage.
#[doc(hidden)]
#[must_use]
pub fn sent<W, T, U, S, D>(_: &Parallel<W, T, U, S, D>) -> Sent<T, U, W> {
    (PhantomData, PhantomData, PhantomData)
}

type Sent<T, U, W> = (PhantomData<fn(T)>, PhantomData<fn(U)>, PhantomData<fn(W)>);

/// Adds a parallel stage whose types may cross threads and whose results are `U`.
#[doc(hidden)]
pub fn on_threads<T, U, C, M, S>(
    pipeline: Pipeline<T, C, M>,
    _: PhantomData<fn(U)>,
    stage: S,
) -> Pipeline<U, Then<C, S, M, Threaded>, M> {
    pipeline.then_threaded(stage)
}

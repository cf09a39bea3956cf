//! The operators on several threads, with rules for what goes to them.

use std::marker::PhantomData;
use std::num::NonZeroUsize;

use crate::error::Halt;
use crate::fit::{Nobody, Nothing, Trait};
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Fallible, Parallel, Plain};

/// Other threads, to which a parallel stage of a [`pipeline!`](https://docs.rs/syncline) sends something. The compiler names
/// them when that must stay on its own.
//
// The rules are theirs: were they those of what is sent, the compiler would propose to borrow it.
#[derive(Debug, Clone, Copy)]
pub struct Threads;

/// A trait that gives a parallel stage back if something of it may go to other threads. If not, the compiler knows no type
/// for the stage, and says nothing of what stands behind it.
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
    /// What a parallel stage is given may go to other threads.
    #[diagnostic::on_unimplemented(
        message = "`parallel` hands items to other threads, and `{T}` must stay on its own",
        label = "`{T}` cannot go to another thread"
    )]
    AreItems<T>: Send
}

sent! {
    /// What a parallel stage makes may come from other threads.
    #[diagnostic::on_unimplemented(
        message = "`parallel` makes items on other threads, and `{U}` must stay on its own",
        label = "`{U}` cannot come from another thread"
    )]
    AreResults<U>: Send
}

sent! {
    /// What a parallel stage does may be done on several threads at once.
    #[diagnostic::on_unimplemented(
        message = "`parallel` calls a closure on several threads at once, and what this one uses must stay on its own",
        label = "cannot be called on several threads at once",
        note = "what it uses is `Send` and `Sync`: an `Arc` for an `Rc`, an atomic or a `Mutex` for a `Cell`"
    )]
    IsWork<W>: Send, Sync
}

/// The stage behind `map` on several threads, for items of `pipeline`'s.
#[doc(hidden)]
pub fn map_parallel<T, U, C, M, F: Fn(T) -> U>(
    _: &Pipeline<T, C, M>,
    workers: NonZeroUsize,
    capacity: usize,
    work: F,
) -> Parallel<Plain<F>, T, U> {
    Parallel::new(workers, capacity, Plain(work))
}

/// The stage behind `try_map` on several threads.
#[doc(hidden)]
pub fn try_map_parallel<T, U, C, M, F: Fn(T) -> Result<U, Halt>>(
    _: &Pipeline<T, C, M>,
    workers: NonZeroUsize,
    capacity: usize,
    work: F,
) -> Parallel<Fallible<F>, T, U> {
    Parallel::new(workers, capacity, Fallible(work))
}

/// What a stage on several threads is given, what it makes, and how: as types.
#[doc(hidden)]
#[must_use]
pub fn sent<W, T, U>(_: &Parallel<W, T, U>) -> Sent<T, U, W> {
    (PhantomData, PhantomData, PhantomData)
}

type Sent<T, U, W> = (PhantomData<fn(T)>, PhantomData<fn(U)>, PhantomData<fn(W)>);

/// `pipeline`, with a stage that may go to other threads and makes `U`.
#[doc(hidden)]
pub fn on_threads<T, U, C, M, S>(
    pipeline: Pipeline<T, C, M>,
    _: PhantomData<fn(U)>,
    stage: S,
) -> Piped<U, C, S, M> {
    pipeline.then(stage)
}

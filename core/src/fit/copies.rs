//! Where `pipeline!` copies items: in a closure, whose body alone is wrong when an item cannot be copied.

use std::marker::PhantomData;
use std::time::Duration;

use crate::chain::Then;
use crate::error::BoxError;
use crate::keep::By;
use crate::pipeline::{Piped, Pipeline};
use crate::policy::{DeadLetter, Letter, Retry};
use crate::sink::Sink;
use crate::stage::{Stage, Tee};

/// What makes copies of items in a [`pipeline!`](https://docs.rs/syncline). The compiler names it when they cannot be copied.
//
// The rules are this one's: were they the items', the compiler would propose to borrow.
#[derive(Debug, Clone, Copy)]
pub struct Copies;

/// A trait of everything that is `Clone`, which the compiler names when something is not.
macro_rules! copied {
    ($(#[$attribute:meta])* $rule:ident) => {
        $(#[$attribute])*
        pub trait $rule<T> {
            #[doc(hidden)]
            fn copy(self, item: &T) -> T;
        }

        #[diagnostic::do_not_recommend]
        impl<T: Clone> $rule<T> for Copies {
            #[inline]
            fn copy(self, item: &T) -> T {
                item.clone()
            }
        }
    };
}

copied! {
    /// What a policy keeps a copy of, to try it again or to put it away, can be copied.
    #[diagnostic::on_unimplemented(
        message = "`retry` and `dead_letter` keep a copy of the item, and `{T}` cannot be copied",
        label = "`{T}` is not `Clone`"
    )]
    IsKept
}

copied! {
    /// What stands in a chunk that is split when its sink fails at it can be copied.
    #[diagnostic::on_unimplemented(
        message = "a chunk that a sink fails at is copied to be split, and `{T}` cannot be copied",
        label = "`{T}` is not `Clone`"
    )]
    IsSplit
}

copied! {
    /// What goes to two sinks can be copied.
    #[diagnostic::on_unimplemented(
        message = "`tee` gives a copy of each item to its sink, and `{T}` cannot be copied",
        label = "`{T}` is not `Clone`"
    )]
    IsTeed
}

/// The policy `retry`.
#[doc(hidden)]
pub fn retry<T, W, F>(times: u32, backoff: Duration, when: W, copies: By<T, F>) -> Retry<W, By<T, F>>
where
    W: FnMut(&BoxError) -> bool,
    F: FnMut(&T) -> T,
{
    Retry::new(times, backoff, when, copies)
}

/// What a policy is given: it is known before its sink is looked at, or the sink would say it.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Given<T>(pub(crate) PhantomData<fn(T)>);

/// What the last stage of `pipeline` is given.
#[doc(hidden)]
#[must_use]
pub fn given<U, C, S: Stage, M>(_: &Pipeline<U, Then<C, S, M>, M>) -> Given<S::In> {
    Given(PhantomData)
}

/// The policy `dead_letter`.
#[doc(hidden)]
pub fn dead_letter<T, K, F>(_: Given<T>, sink: K, copies: By<T, F>) -> DeadLetter<K, By<T, F>>
where
    K: Sink<In = Letter<T>>,
    F: FnMut(&T) -> T,
{
    DeadLetter::new(sink, copies)
}

/// The operator `tee`.
#[doc(hidden)]
pub fn tee<T, C, M, K, F>(
    pipeline: Pipeline<T, C, M>,
    sink: K,
    copies: By<T, F>,
) -> Piped<T, C, Tee<K, By<T, F>>, M>
where
    K: Sink<In = T>,
    F: FnMut(&T) -> T,
{
    pipeline.tee_by(sink, copies)
}

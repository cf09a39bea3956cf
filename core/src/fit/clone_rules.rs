//! Rules that an item can be cloned, and the policies and second sinks that clone items.

use std::marker::PhantomData;
use std::time::Duration;

use crate::error::BoxError;
use crate::fit::Fitted;
use crate::fit::given::Given;
use crate::pipeline::chain::Last;
use crate::pipeline::{Piped, Pipeline};
use crate::policy::{DeadLetter, Letter, Retry};
use crate::sink::Commit;
use crate::sink::Sink;
use crate::sink::copy_item::CopyWith;
use crate::stage::Tee;

/// The implementor of the rules that items can be cloned, in a [`pipeline!`](https://docs.rs/syncline). The compiler
/// names it when a rule is broken.
//
// If the item implemented the rules, the compiler would propose to borrow it.
#[derive(Debug, Clone, Copy)]
pub struct Copies;

/// Declares a rule that items are `Clone`, with a function that clones one.
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
    /// The items of a policy that keeps a copy, to try it again or to put it away, can be cloned.
    #[diagnostic::on_unimplemented(
        message = "`retry` and `dead_letter` keep a copy of the item, and `{T}` cannot be copied",
        label = "`{T}` is not `Clone`"
    )]
    IsKept
}

copied! {
    /// The items of a chunk that is split when its sink fails can be cloned.
    #[diagnostic::on_unimplemented(
        message = "a chunk that a sink fails at is copied to be split, and `{T}` cannot be copied",
        label = "`{T}` is not `Clone`"
    )]
    IsSplit
}

copied! {
    /// The items of a chunk that is split when its stage fails can be cloned.
    #[diagnostic::on_unimplemented(
        message = "a chunk that a stage fails at is copied to be split, and `{T}` cannot be copied",
        label = "`{T}` is not `Clone`"
    )]
    IsSplitByStage
}

copied! {
    /// The items of a `tee` can be cloned.
    #[diagnostic::on_unimplemented(
        message = "`tee` gives a copy of each item to its sink, and `{T}` cannot be copied",
        label = "`{T}` is not `Clone`"
    )]
    IsTeed
}

copied! {
    /// The items of `windows` can be cloned.
    #[diagnostic::on_unimplemented(
        message = "an item is in more than one window, so `windows` copies it, and `{T}` cannot be copied",
        label = "`{T}` is not `Clone`"
    )]
    IsInWindows
}

/// The policy `retry`.
#[doc(hidden)]
pub fn retry<T, W, F>(
    times: u32,
    backoff: Duration,
    when: W,
    copies: CopyWith<T, F>,
) -> Retry<W, CopyWith<T, F>>
where
    W: FnMut(&BoxError) -> bool,
    F: FnMut(&T) -> T,
{
    Retry::new(times, backoff, when, copies)
}

/// The items of the last stage of `pipeline`.
#[doc(hidden)]
#[must_use]
pub fn given<U, C: Last, M>(_: &Pipeline<U, C, M>) -> Given<C::In> {
    Given::new()
}

/// The items of the sink of a `dead_letter`.
#[doc(hidden)]
#[must_use]
pub fn letters<T>(_: Given<T>) -> Given<Letter<T>> {
    Given::new()
}

/// The policy `dead_letter`; `fit` turns letters into items of `sink`, and `keeps` checks that no output is lost.
#[doc(hidden)]
pub fn dead_letter<T, K, F, G, L>(
    _: Given<T>,
    sink: K,
    fit: G,
    _keeps: L,
    copies: CopyWith<T, F>,
) -> DeadLetter<Fitted<Letter<T>, K, G>, CopyWith<T, F>>
where
    K: Sink,
    G: FnMut(PhantomData<K::In>, Letter<T>) -> K::In,
    L: FnOnce(PhantomData<K>, PhantomData<K::Output>),
    F: FnMut(&T) -> T,
{
    DeadLetter::new(Fitted::new(sink, fit), copies)
}

/// The type of a second sink, which may be able to commit.
#[doc(hidden)]
#[derive(Debug)]
pub struct Committing<K>(PhantomData<fn(K)>);

/// The sink of `policy`.
#[doc(hidden)]
#[must_use]
pub fn put_away<K, C>(_: &DeadLetter<K, C>) -> Committing<K> {
    Committing(PhantomData)
}

/// The sink of the `tee` at the end of `pipeline`.
#[doc(hidden)]
#[must_use]
pub fn copied<T, C, K, D, M>(_: &CopiedInto<T, C, K, D, M>) -> Committing<K> {
    Committing(PhantomData)
}

/// A pipeline that ends in a `tee`.
type CopiedInto<T, C, K, D, M> = Piped<T, C, Tee<K, D>, M>;

/// A second sink that can commit. The compiler tries this trait first, since it needs one reference less.
#[doc(hidden)]
pub trait CommitsToo<K>: Sized {
    /// Lets the sink of `policy` commit with the pipeline's own.
    fn letters_committing<C>(self, policy: DeadLetter<K, C>) -> DeadLetter<K, C>;

    /// Lets the sink of the last `tee` commit with the pipeline's own.
    fn copies_committing<T, C, D, M>(self, pipeline: CopiedInto<T, C, K, D, M>) -> CopiedInto<T, C, K, D, M>;
}

impl<K: Commit> CommitsToo<K> for Committing<K> {
    fn letters_committing<C>(self, policy: DeadLetter<K, C>) -> DeadLetter<K, C> {
        policy.committing()
    }

    fn copies_committing<T, C, D, M>(self, pipeline: CopiedInto<T, C, K, D, M>) -> CopiedInto<T, C, K, D, M> {
        pipeline.committing()
    }
}

/// Any other second sink.
#[doc(hidden)]
pub trait CommitsAtTheEnd<K>: Sized {
    /// Returns `policy` unchanged.
    fn letters_committing<C>(self, policy: DeadLetter<K, C>) -> DeadLetter<K, C> {
        policy
    }

    /// Returns `pipeline` unchanged.
    fn copies_committing<T, C, D, M>(self, pipeline: CopiedInto<T, C, K, D, M>) -> CopiedInto<T, C, K, D, M> {
        pipeline
    }
}

impl<K> CommitsAtTheEnd<K> for &Committing<K> {}

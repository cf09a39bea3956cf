//! What begins a pipeline is a source, what stands in it a stage, and what ends it a sink.
//!
//! Each is looked at twice. A rule finds fault with what is not what it should be; and where a type could be, were it not for
//! something in it, the fault is what is missing there, as of a function that was called with the wrong thing: the compiler
//! says one error once. Then [`seen`] finds out, without a word, whether the rule is kept. What does not keep it is given
//! back as a type that nobody knows, and the compiler says nothing more of that.

use std::marker::PhantomData;

use crate::pipeline::Pipeline;
use crate::pipeline::chain::Chain;
use crate::report::meter::Meter;
use crate::run::Runnable;
use crate::sink::Commit;
use crate::sink::Sink;
use crate::source::Source;
use crate::stage::Stage;

/// What was seen of a source, a stage or a sink: its type.
#[derive(Debug)]
pub struct Seen<T>(PhantomData<fn(T)>);

/// The type of `part`.
#[must_use]
pub fn seen<T>(_: &T) -> Seen<T> {
    Seen(PhantomData)
}

/// What is there, at the place where it is written.
#[derive(Debug)]
pub struct There<T>(pub T);

/// `part`, taken into what is `known` of it.
#[inline]
pub fn known<T, U>(part: T, known: impl FnOnce(T) -> U) -> U {
    known(part)
}

/// A trait of everything that has another, and one by which what has it is given back.
macro_rules! rule {
    ($(#[$attribute:meta])* $rule:ident: $asked:path) => {
        $(#[$attribute])*
        pub trait $rule: Sized {
            #[doc(hidden)]
            #[must_use]
            fn itself(self) -> Self;
        }

        #[diagnostic::do_not_recommend]
        impl<T: $asked> $rule for T {
            #[inline]
            fn itself(self) -> T {
                self
            }
        }
    };
}

rule! {
    /// What begins a pipeline is a [`Source`].
    #[diagnostic::on_unimplemented(
        message = "a pipeline begins with a source, and `{Self}` is not one",
        label = "not a source",
        note = "implement `syncline::Source` for it, or wrap an iterator in `syncline::from_iter(..)`"
    )]
    IsSource: Source
}

rule! {
    /// What stands in the middle of a pipeline is a [`Stage`].
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a stage of a pipeline",
        label = "not a stage",
        note = "implement `syncline::Transform`, `syncline::FlatMap` or `syncline::Stage` for it"
    )]
    IsStage: Stage
}

rule! {
    /// What ends a pipeline is a [`Sink`].
    #[diagnostic::on_unimplemented(
        message = "a pipeline ends in a sink, and `{Self}` is not one",
        label = "not a sink",
        note = "implement `syncline::Sink` for it, or end in `syncline::Collect::new()` or `syncline::for_each(..)`"
    )]
    IsSink: Sink
}

rule! {
    /// What a `tee`, a `route` or a `dead_letter` is given is a [`Sink`].
    #[diagnostic::on_unimplemented(
        message = "`tee`, `route` and `dead_letter` hand items to other sinks, and `{Self}` is not one",
        label = "not a sink",
        note = "implement `syncline::Sink` for it, or make one of a closure: `syncline::for_each(..)`"
    )]
    IsOtherSink: Sink
}

rule! {
    /// What ends a pipeline that says `commit every(n)` is a sink that can [`Commit`].
    #[diagnostic::on_unimplemented(
        message = "`commit every` needs a sink that can commit in the middle of a run, and `{Self}` commits once",
        label = "commits once, at the end",
        note = "implement `syncline::Commit` for it, or say `commit once`"
    )]
    IsCommitting: Commit
}

/// A trait by which what has another is given back as it is.
macro_rules! known {
    ($($(#[$attribute:meta])* $known:ident: $asked:path;)*) => {$(
        $(#[$attribute])*
        pub trait $known<T> {
            /// `part`.
            fn itself(&self, part: T) -> T;
        }

        impl<T: $asked> $known<T> for Seen<T> {
            #[inline]
            fn itself(&self, part: T) -> T {
                part
            }
        }
    )*};
}

known! {
    /// A source was seen.
    Begins: Source;

    /// A stage was seen.
    Stands: Stage;

    /// A sink was seen.
    Ends: Sink;

    /// A sink that can commit was seen.
    Commits: Commit;
}

/// A pipeline was seen all of whose stages are what they should be.
pub trait Chains<T> {
    /// `pipeline`.
    fn itself(&self, pipeline: T) -> T;
}

impl<T, C: Chain<Item = T>, M: Meter> Chains<Pipeline<T, C, M>> for Seen<Pipeline<T, C, M>> {
    #[inline]
    fn itself(&self, pipeline: Pipeline<T, C, M>) -> Pipeline<T, C, M> {
        pipeline
    }
}

/// What can be run was seen.
pub trait Runs<T> {
    /// `runnable`.
    fn itself(&self, runnable: T) -> T;
}

impl<C: Chain, K: Sink<In = C::Item>, M: Meter> Runs<Runnable<C, K, M>> for Seen<Runnable<C, K, M>> {
    #[inline]
    fn itself(&self, runnable: Runnable<C, K, M>) -> Runnable<C, K, M> {
        runnable
    }
}

/// Anything was seen. The compiler tries this last.
pub trait Unknown<T> {
    /// Never called: what calls it does not compile.
    fn itself<U>(&self, _: T) -> U {
        unreachable!("the pipeline does not compile")
    }
}

impl<T> Unknown<T> for &Seen<T> {}

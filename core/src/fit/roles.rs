//! Role checks: a pipeline starts with a source, continues with stages and ends with a sink.
//!
//! Each value is checked twice. A rule such as [`IsStage`] reports a value that does not have its role. Then a method
//! such as `stage_or_unknown` selects, without an error, by the same role: it returns the value if the value has the
//! role, and otherwise a value of an open type, about which the compiler reports nothing more.
//!
//! The rule has one impl. If a type lacks the role because of a part of it, for example a function that was called with
//! a wrong argument, the compiler reports that cause once.

use std::marker::PhantomData;

use crate::error::Error;
use crate::fit::Given;
use crate::pipeline::Pipeline;
use crate::pipeline::{Boxed, Chain};
use crate::policy::Policy;
use crate::report::meter::Meter;
use crate::run::{Committing, Outcome, RunOptions, Runnable};
use crate::sink::Commit;
use crate::sink::Sink;
use crate::source::Source;
use crate::stage::Stage;

/// A value that a rule has checked.
#[derive(Debug)]
pub struct Checked<T>(T);

/// Wraps `value` for a method `.._or_unknown`, without checking a rule.
#[inline]
pub fn checked<T>(value: T) -> Checked<T> {
    Checked(value)
}

/// Declares a rule that a value has a role.
macro_rules! rule {
    ($(#[$attribute:meta])* $rule:ident: $asked:path) => {
        $(#[$attribute])*
        pub trait $rule: Sized {
            #[doc(hidden)]
            #[must_use]
            fn check(self) -> Checked<Self>;
        }

        #[diagnostic::do_not_recommend]
        impl<T: $asked> $rule for T {
            #[inline]
            fn check(self) -> Checked<T> {
                Checked(self)
            }
        }
    };
}

rule! {
    /// A pipeline starts with a [`Source`].
    #[diagnostic::on_unimplemented(
        message = "a pipeline begins with a source, and `{Self}` is not one",
        label = "not a source",
        note = "implement `syncline::Source` for it, or wrap an iterator in `syncline::from_iter(..)`"
    )]
    IsSource: Source
}

rule! {
    /// The argument of a [`zip`](Pipeline::zip) or a [`merge_join`](Pipeline::merge_join) is a [`Source`].
    #[diagnostic::on_unimplemented(
        message = "`zip` and `merge_join` take the items of a second source, and `{Self}` is not one",
        label = "not a source",
        note = "implement `syncline::Source` for it, or wrap an iterator in `syncline::from_iter(..)`"
    )]
    IsOtherSource: Source
}

rule! {
    /// A pipeline continues with a [`Stage`].
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a stage of a pipeline",
        label = "not a stage",
        note = "implement `syncline::Transform`, `syncline::FlatMap` or `syncline::Stage` for it"
    )]
    IsStage: Stage
}

rule! {
    /// A pipeline ends with a [`Sink`].
    #[diagnostic::on_unimplemented(
        message = "a pipeline ends in a sink, and `{Self}` is not one",
        label = "not a sink",
        note = "implement `syncline::Sink` for it, or end in `syncline::Collect::new()` or `syncline::for_each(..)`"
    )]
    IsSink: Sink
}

rule! {
    /// The argument of a `tee`, a `route` or a `dead_letter` is a [`Sink`].
    #[diagnostic::on_unimplemented(
        message = "`tee`, `route` and `dead_letter` hand items to other sinks, and `{Self}` is not one",
        label = "not a sink",
        note = "implement `syncline::Sink` for it, or make one of a closure: `syncline::for_each(..)`"
    )]
    IsOtherSink: Sink
}

rule! {
    /// The sink before a `commit every(n)` can [`Commit`].
    #[diagnostic::on_unimplemented(
        message = "`commit every` needs a sink that can commit in the middle of a run, and `{Self}` commits once",
        label = "commits once, at the end",
        note = "implement `syncline::Commit` for it, or say `commit once`"
    )]
    IsCommitting: Commit
}

macro_rules! known {
    ($($(#[$attribute:meta])* $known:ident($method:ident): $asked:path;)*) => {$(
        $(#[$attribute])*
        pub trait $known<T> {
            /// The value.
            fn $method(self) -> T;
        }

        impl<T: $asked> $known<T> for Checked<T> {
            #[inline]
            fn $method(self) -> T {
                self.0
            }
        }
    )*};
}

known! {
    /// A checked value that is a source.
    KnownSource(source_or_unknown): Source;

    /// A checked value that is a stage.
    KnownStage(stage_or_unknown): Stage;

    /// A checked value that is a sink.
    KnownSink(sink_or_unknown): Sink;

    /// A checked value that is a sink and can commit.
    KnownCommittingSink(committing_sink_or_unknown): Commit;
}

/// The argument of an `on_error with` is a [`Policy`] for the items of its stage or sink.
#[diagnostic::on_unimplemented(
    message = "`on_error with` takes a policy for items of type `{T}`, and `{Self}` is not one",
    label = "not a policy for `{T}`",
    note = "implement `syncline::Policy<{T}>` for it"
)]
pub trait IsPolicy<T>: Sized {
    #[doc(hidden)]
    fn check(given: Given<T>, policy: Self) -> Checked<(Self, Given<T>)>;
}

#[diagnostic::do_not_recommend]
impl<T, P: Policy<T>> IsPolicy<T> for P {
    #[inline]
    fn check(given: Given<T>, policy: P) -> Checked<(P, Given<T>)> {
        Checked((policy, given))
    }
}

/// A checked value that is a policy.
pub trait KnownPolicy<P> {
    /// The policy.
    fn policy_or_unknown(self) -> P;
}

impl<T, P: Policy<T>> KnownPolicy<P> for Checked<(P, Given<T>)> {
    #[inline]
    fn policy_or_unknown(self) -> P {
        self.0.0
    }
}

/// A pipeline whose stages are all known.
pub trait KnownPipeline<'a, T, M> {
    /// Puts the pipeline behind a pointer.
    fn boxed_or_unknown(self) -> Pipeline<T, Boxed<'a, T>, M>;
}

impl<'a, T: 'a, C: Chain<Item = T> + 'a, M: Meter + 'a> KnownPipeline<'a, T, M>
    for Checked<Pipeline<T, C, M>>
{
    #[inline]
    fn boxed_or_unknown(self) -> Pipeline<T, Boxed<'a, T>, M> {
        self.0.boxed()
    }
}

/// A pipeline with its sink, if all types are known.
pub trait KnownRun<U> {
    /// Runs the pipeline.
    ///
    /// # Errors
    ///
    /// If the run fails.
    fn run_or_unknown(self, options: RunOptions<'_>) -> Result<Outcome<U>, Error>;
}

impl<C, K, M, Q, U, F> KnownRun<U> for Checked<Ended<C, K, M, Q, U, F>>
where
    C: Chain,
    K: Sink<In = C::Item>,
    M: Meter,
    Q: Committing<K>,
    F: FnOnce(PhantomData<U>, K::Output) -> U,
{
    #[inline]
    fn run_or_unknown(self, options: RunOptions<'_>) -> Result<Outcome<U>, Error> {
        let Ended { runnable, give, .. } = self.0;
        let Outcome { output, report } = runnable.run_with(options)?;
        Ok(Outcome { output: give(PhantomData, output), report })
    }
}

/// A pipeline with its sink, and a function `give` that turns the output of the sink into the declared output.
#[derive(Debug)]
pub struct Ended<C, K, M, Q, U, F> {
    runnable: Runnable<C, K, M, Q>,
    give: F,
    declared: PhantomData<fn() -> U>,
}

/// Adds `give`, which turns the output of `runnable` into the declared output.
pub fn with_output<C, K: Sink, M, Q, U, F>(
    runnable: Runnable<C, K, M, Q>,
    _: PhantomData<U>,
    give: F,
) -> Checked<Ended<C, K, M, Q, U, F>>
where
    F: FnOnce(PhantomData<U>, K::Output) -> U,
{
    Checked(Ended { runnable, give, declared: PhantomData })
}

/// The same methods for every value. The compiler tries them last, since they need one reference more.
pub trait Unknown: Sized {
    /// Never called: code that calls it does not compile.
    fn source_or_unknown<U>(self) -> U {
        unreachable!("the pipeline does not compile")
    }

    /// Like `source_or_unknown`.
    fn stage_or_unknown<U>(self) -> U {
        unreachable!("the pipeline does not compile")
    }

    /// Like `source_or_unknown`.
    fn sink_or_unknown<U>(self) -> U {
        unreachable!("the pipeline does not compile")
    }

    /// Like `source_or_unknown`.
    fn committing_sink_or_unknown<U>(self) -> U {
        unreachable!("the pipeline does not compile")
    }

    /// Like `source_or_unknown`.
    fn policy_or_unknown<U>(self) -> U {
        unreachable!("the pipeline does not compile")
    }

    /// Like `source_or_unknown`.
    fn boxed_or_unknown<U>(self) -> U {
        unreachable!("the pipeline does not compile")
    }

    /// Like `source_or_unknown`.
    fn run_or_unknown<U>(self, _: RunOptions<'_>) -> U {
        unreachable!("the pipeline does not compile")
    }
}

impl<T> Unknown for &Checked<T> {}

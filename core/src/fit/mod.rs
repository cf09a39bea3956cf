//! The rules by which `pipeline!` joins a source, stages and a sink, as traits that the compiler names when one is broken.
//!
//! The methods of [`Pipeline`] have the same rules. But where a stage is given what it does not take,
//! they make the compiler speak of associated types and bounds, and find fault with every stage behind it too.
//! `pipeline!` makes one error of one mistake, in four ways:
//!
//! * The items of each stage pass through a closure on their way to the next, and its body alone can be wrong: it calls
//!   [`Fits::fit`]. Whatever becomes of that, what comes out of the closure is what the stage takes. So it is with what
//!   the closure of an operator makes, by [`Decides`] and its like.
//! * Such a rule has one impl, and [`Joint`] is what has it. It is looked up when what is given is known, if it ever will be.
//!   Then two types that differ break the rule; and of a type that is still open the one impl says what it is, which is how a
//!   stage decides what the one before it makes.
//! * What is to be a source, a stage or a sink passes through a rule such as [`IsStage`], and then through [`parts`]: what it
//!   is not is given back as a type that the compiler does not know, and of which it says nothing more. Other rules give
//!   back an associated type. The compiler would know that if one impl alone could apply; so there is a second, which never
//!   does.
//! * What a function that is called asks, and what is wrong with what it makes, is found at the function's name: of what is
//!   wrong twice at one place the compiler speaks once.

mod argument_types;
mod borrowed_keys;
mod call_inference;
mod clone_rules;
mod closure_results;
mod coercions;
mod fitted;
mod items;
mod lookup;
#[doc(hidden)]
pub mod members;
mod part;
mod roles;
mod send_rules;
pub(crate) mod split_or_whole;

use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::{Error, Halt};
use crate::graph::Node;
use crate::pipeline::chain::{Boxed, Chain};
use crate::pipeline::{Piped, Pipeline};
use crate::report::meter::Meter;
use crate::run::{Outcome, Runnable};
use crate::sink::Sink;
use crate::stage::{Chunk, Stage, Unbuffer};

pub use argument_types::{
    Asks, Decides, IsCount, IsLimit, IsSize, IsTimes, IsWait, Names, Picks, Retries, Tries, Weighs,
};
pub use borrowed_keys::{OfItsItem, OutlivesItem};
#[doc(hidden)]
pub use clone_rules::{Copies, Given, dead_letter, given, letters, retry, tee};
pub use clone_rules::{IsKept, IsSplit, IsTeed};
#[doc(hidden)]
pub use closure_results::{Made, handed_on, of_error, of_item, of_item_at_once, of_item_ref};
pub use coercions::IsFunction;
#[doc(hidden)]
pub use fitted::{Fitted, fit_sink, fit_stage};
#[doc(hidden)]
pub use items::{FitItems, fit_items};
#[doc(hidden)]
pub use lookup::{LookupFitted, lookup};
pub use part::{IsGiven, IsPart};
pub use roles::{IsCommitting, IsOtherSink, IsSink, IsSource, IsStage};
pub use send_rules::{AreItems, AreResults, IsWork, Threads};
#[doc(hidden)]
pub use send_rules::{map_parallel, on_threads, sent, try_map_parallel};

/// What `pipeline!` finds out of a function that makes a stage or a sink. The compiler names these where such a function is
/// called with what it does not take.
pub mod calls {
    pub use super::call_inference::{
        Called, Disagree, MakesNothing, MakesSink1, MakesSink2, MakesSink3, MakesSink4, MakesStage1,
        MakesStage2, MakesStage3, MakesStage4, Meeting, called,
    };
}

/// What `pipeline!` finds out of a source, a stage or a sink. The compiler names these where one lacks what it needs of
/// the items that come through it.
pub mod parts {
    pub use super::roles::{Begins, Chains, Commits, Ends, Runs, Seen, Stands, There, Unknown, known, seen};
}

/// What `pipeline!` finds out of a function that an operator calls.
#[doc(hidden)]
pub mod functions {
    pub use super::coercions::{Against, passing};
}

/// What `pipeline!` finds out of where what failed is put away, and what is copied goes.
#[doc(hidden)]
pub mod away {
    pub use super::clone_rules::{CommitsAtTheEnd, CommitsToo, copied, put_away};
}

/// What `pipeline!` finds out of the fields that are keys.
#[doc(hidden)]
pub mod keys {
    pub use super::borrowed_keys::{IsLong, IsShort, look_at, place};
}

/// What `pipeline!` finds of what is no part.
#[doc(hidden)]
pub mod no_part {
    pub use super::part::{NoPart0, NoPart1, NoPart2, NoPart3, NoPart4, NoPart5};
}

/// Where two parts of a pipeline meet. The compiler names it when they do not fit.
///
/// What may meet there is written down in the traits of this module: one impl for each of them, by which the compiler finds
/// out the type of what is not decided yet, and in which it finds the fault where there is one.
//
// Rules are this one's, and it comes last: a rule is looked up once its types are known as far as they ever will be. Were it
// looked up before, what is meant to be checked would be taken as settled, and two types that differ be reported.
#[derive(Debug, Clone, Copy)]
pub struct Joint;

/// A trait that says of a type that it is the one that is wanted. True of every type and itself, and of nothing else.
macro_rules! same {
    ($(#[$attribute:meta])* $rule:ident<$given:ident, $wanted:ident>) => {
        $(#[$attribute])*
        pub trait $rule<$given, $wanted> {
            #[doc(hidden)]
            fn fit(wanted: PhantomData<$wanted>, given: $given, joint: Self) -> $wanted;
        }

        #[diagnostic::do_not_recommend]
        impl<J, T> $rule<T, T> for J {
            #[inline]
            fn fit(_: PhantomData<T>, given: T, _: J) -> T {
                given
            }
        }
    };
}

same! {
    /// What a stage is `Given` is what it `Takes`.
    ///
    /// The compiler names this trait when two stages of a [`pipeline!`](https://docs.rs/syncline) do not fit: change what
    /// the first one hands on, what the second one takes, or put a `map` between them.
    #[diagnostic::on_unimplemented(
        message = "this stage takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    Fits<Given, Takes>
}

same! {
    /// What a sink is `Given` is what it `Takes`.
    ///
    /// The compiler names this trait when the sink of a [`pipeline!`](https://docs.rs/syncline), of a `tee` or of a
    /// `dead_letter` takes something else.
    #[diagnostic::on_unimplemented(
        message = "this sink takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    FitsSink<Given, Takes>
}

same! {
    /// What a part is `Given` is what it `Takes`.
    ///
    /// The compiler names this trait when a part is used in a [`pipeline!`](https://docs.rs/syncline) behind what hands on
    /// something else.
    #[diagnostic::on_unimplemented(
        message = "this part takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    FitsPart<Given, Takes>
}

same! {
    /// What a closure is `Given` is what it says that it `Takes`.
    ///
    /// The compiler names this trait when a closure of a [`pipeline!`](https://docs.rs/syncline) names the type of what it
    /// takes, and is given something else.
    #[diagnostic::on_unimplemented(
        message = "this closure takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    Accepts<Given, Takes>
}

same! {
    /// What a function is `Given` is what it `Takes`.
    ///
    /// The compiler names this trait when an operator of a [`pipeline!`](https://docs.rs/syncline) names a function that
    /// takes something else.
    #[diagnostic::on_unimplemented(
        message = "this function takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    Suits<Given, Takes>
}

same! {
    /// What a sink gives back is what its pipeline declares.
    ///
    /// The compiler names this trait when the type behind the `->` of a `pipeline!` is not the output of its sink.
    #[diagnostic::on_unimplemented(
        message = "this pipeline declares `-> {Declared}`, and its sink gives `{Output}`",
        label = "the sink gives `{Output}`"
    )]
    Gives<Output, Declared>
}

same! {
    /// What a `merge` is given are sources of one type.
    #[diagnostic::on_unimplemented(
        message = "the sources of a `merge` are of one type, and this is a `{Other}`, not a `{First}` as the first",
        label = "another type than the first",
        note = "sources of different make are of one type as pipelines that are `boxed`"
    )]
    AlikeSources<Other, First>
}

same! {
    /// What a `route` is given are sinks of one type.
    #[diagnostic::on_unimplemented(
        message = "the sinks of a `route` are of one type, and this is a `{Other}`, not a `{First}` as the first",
        label = "another type than the first",
        note = "sinks of different make, as of two closures, are of one type once each is in a `syncline::BoxedSink`"
    )]
    AlikeSinks<Other, First>
}

same! {
    /// What leaves the last stage of a part is what the part declares.
    ///
    /// The compiler names this trait when the type behind the `->` of a part is not what its last stage hands on.
    #[diagnostic::on_unimplemented(
        message = "this part declares `-> {Declared}`, and its last stage hands on `{Item}`",
        label = "the last stage hands on `{Item}`"
    )]
    HandsOn<Item, Declared>
}

/// A trait that gives a type back as itself if it has the trait that is asked of it.
macro_rules! rule {
    ($(#[$attribute:meta])* $rule:ident: $asked:path) => {
        $(#[$attribute])*
        pub trait $rule<By> {
            #[doc(hidden)]
            type Itself: $asked;

            #[doc(hidden)]
            fn itself(self) -> Self::Itself;
        }

        #[diagnostic::do_not_recommend]
        impl<T: $asked> $rule<Trait> for T {
            type Itself = T;

            #[inline]
            fn itself(self) -> T {
                self
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: $asked + Nothing> $rule<Nobody> for T {
            type Itself = T;

            fn itself(self) -> T {
                self
            }
        }
    };
}

rule! {
    /// What a [`merge`](crate::merge) is given are several sources, all of one type.
    #[diagnostic::on_unimplemented(
        message = "`merge` takes several sources, and `{Self}` is no collection of them",
        label = "not sources",
        note = "write `[first, second]`; sources of different make are of one type once they are `boxed`"
    )]
    AreSources: members::Sources
}

rule! {
    /// What a [`route`](crate::route) is given are several sinks, all of one type.
    #[diagnostic::on_unimplemented(
        message = "`route` takes several sinks, and `{Self}` is no collection of them",
        label = "not sinks",
        note = "write `[first, second]`; sinks of different make are of one type as `syncline::BoxedSink`"
    )]
    AreSinks: members::Sinks
}

rule! {
    /// What a [`merge`](crate::merge_by) goes by has an order.
    #[diagnostic::on_unimplemented(
        message = "sources are merged in the order of their keys, and `{Self}` has no order",
        label = "`{Self}` is not `Ord`"
    )]
    IsOrdered: Ord
}

rule! {
    /// What the query of a [`lookup`](crate::Pipeline::lookup) answers can be iterated over: an answer for each item.
    #[diagnostic::on_unimplemented(
        message = "`lookup` wants an answer for each item of a chunk, and its closure gives `{Self}`",
        label = "not an iterator",
        note = "give back a `Vec` of answers, in the order of the items"
    )]
    IsAnswered: IntoIterator
}

rule! {
    /// What [`dedup`](crate::Pipeline::dedup) and `buffer(.., by: ..)` go by can be compared.
    #[diagnostic::on_unimplemented(
        message = "neighbours are compared by their keys, and `{Self}` cannot be compared",
        label = "`{Self}` is not `PartialEq`"
    )]
    IsKey: PartialEq
}

rule! {
    /// What [`unbuffer`](crate::Pipeline::unbuffer) is given is a chunk: something that can be taken apart.
    #[diagnostic::on_unimplemented(
        message = "`unbuffer` takes chunks apart, and is given `{Self}`",
        label = "not a chunk",
        note = "items become chunks in a `buffer`"
    )]
    IsChunk: IntoIterator
}

rule! {
    /// What the closure of a [`flat_map`](crate::Pipeline::flat_map) makes out of each item can be iterated over.
    #[diagnostic::on_unimplemented(
        message = "`flat_map` hands on many items for each, and its closure makes `{Self}`",
        label = "not an iterator",
        note = "for one item out of each there is `map`, and `filter_map` for one or none"
    )]
    IsMany: IntoIterator
}

rule! {
    /// What [`lookup`](crate::Pipeline::lookup) is given is a chunk.
    #[diagnostic::on_unimplemented(
        message = "`lookup` enriches chunks, and is given `{Self}`",
        label = "not a chunk",
        note = "items become chunks in a `buffer`"
    )]
    IsLookedUp: Chunk
}

/// By which impl something keeps to a rule: because it has the trait that is asked of it. Where the compiler names a rule and
/// this, the trait is missing.
#[derive(Debug)]
pub enum Trait {}

/// By which impl nothing is.
#[doc(hidden)]
#[derive(Debug)]
pub enum Nobody {}

/// What no type is.
#[doc(hidden)]
pub trait Nothing {}

/// The stage behind the operator `unbuffer`, for [`fit_stage`].
#[doc(hidden)]
pub fn unbuffer<C: IntoIterator>() -> Unbuffer<C> {
    Unbuffer::new()
}

/// The operator `flat_map`, where `fit` takes what `f` makes into what can be iterated over.
#[doc(hidden)]
pub fn flat_map<T, U, I, C, M, F, G>(
    pipeline: Pipeline<T, C, M>,
    f: F,
    fit: G,
) -> Piped<I::Item, C, FlatMapFitted<T, F, G>, M>
where
    I: IntoIterator,
    F: FnMut(T) -> U,
    G: FnMut(U) -> I,
{
    pipeline.pipe(FlatMapFitted { f, fit, items: PhantomData })
}

/// As [`Pipeline::boxed`], where `pipeline!` says so.
#[doc(hidden)]
pub fn boxed<'a, T, C: Chain<Item = T> + 'a, M: Meter + 'a>(
    pipeline: Pipeline<T, C, M>,
) -> Pipeline<T, Boxed<'a, T>, M>
where
    T: 'a,
{
    pipeline.boxed()
}

/// How many items a parallel stage holds besides those that are worked on, where it does not say.
#[doc(hidden)]
pub const CAPACITY: usize = 64;

/// Stage of [`flat_map`].
#[doc(hidden)]
#[derive(Debug)]
pub struct FlatMapFitted<T, F, G> {
    f: F,
    fit: G,
    items: PhantomData<fn(T)>,
}

impl<T, U, I, F, G> Stage for FlatMapFitted<T, F, G>
where
    I: IntoIterator,
    F: FnMut(T) -> U,
    G: FnMut(U) -> I,
{
    type In = T;
    type Out = I::Item;

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<I::Item>) -> Result<(), Halt> {
        out.emit_all((self.fit)((self.f)(item)))
    }

    fn name(&self) -> &'static str {
        "flat_map"
    }

    fn node(&self) -> Node {
        Node::operator("flat_map", "flat_map")
    }
}

/// How `_runnable`'s output is taken into what the pipeline declares: by `give`.
#[doc(hidden)]
pub fn give<C, K: Sink, M, U, F: FnOnce(PhantomData<U>, K::Output) -> U>(
    _: PhantomData<U>,
    _runnable: &Runnable<C, K, M>,
    give: F,
) -> F {
    give
}

/// What a run gave, its output taken by `give` into what the pipeline declares.
///
/// # Errors
///
/// Those of the run.
#[doc(hidden)]
pub fn given_back<T, U>(
    outcome: Result<Outcome<T>, Error>,
    give: impl FnOnce(PhantomData<U>, T) -> U,
) -> Result<Outcome<U>, Error> {
    outcome.map(|Outcome { output, report }| Outcome { output: give(PhantomData, output), report })
}

//! How `pipeline!` hands the items of one stage to the next, so that two stages that do not fit are one error.
//!
//! [`Pipeline::pipe`](crate::Pipeline::pipe) demands that a stage takes what it is given. Where it does not, the compiler
//! speaks of associated types and bounds, and every stage behind it is wrong too. So `pipeline!` passes the items of
//! each stage through a closure whose body alone can be wrong: it calls [`Fits::fit`]. Whatever becomes of that, what
//! comes out of the closure is what the stage takes.

use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::{Error, Failure, Halt};
use crate::pipeline::Outcome;
use crate::sink::Sink;
use crate::stage::{Stage, Yield};

/// What a stage is given is what it `Takes`. True of every type and itself, and of nothing else.
///
/// The compiler names this trait when two stages of a [`pipeline!`](https://docs.rs/syncline) do not fit: change what
/// the first one hands on, what the second one takes, or put a `map` between them.
#[diagnostic::on_unimplemented(
    message = "this stage takes `{Takes}`, and is given `{Self}`",
    label = "takes `{Takes}`, and is given `{Self}`"
)]
pub trait Fits<Takes> {
    #[doc(hidden)]
    fn fit(takes: PhantomData<Takes>, item: Self) -> Takes;
}

impl<T> Fits<T> for T {
    #[inline]
    fn fit(_: PhantomData<T>, item: T) -> T {
        item
    }
}

/// What a sink gives back is what its pipeline declares. True of every type and itself, and of nothing else.
///
/// The compiler names this trait when the type behind the `->` of a `pipeline!` is not the output of its sink.
#[diagnostic::on_unimplemented(
    message = "this pipeline declares `-> {Declared}`, and its sink gives `{Self}`",
    label = "the sink gives `{Self}`"
)]
pub trait Gives<Declared> {
    #[doc(hidden)]
    fn give(declared: PhantomData<Declared>, output: Self) -> Declared;
}

impl<T> Gives<T> for T {
    #[inline]
    fn give(_: PhantomData<T>, output: T) -> T {
        output
    }
}

/// Fits and gives, but is never made. Were there only the impls above, the compiler would take them for the only ones
/// possible and report the types that they unify, not the trait.
#[doc(hidden)]
#[derive(Debug)]
pub struct Never<T>(std::convert::Infallible, PhantomData<T>);

#[diagnostic::do_not_recommend]
impl<T> Fits<T> for Never<T> {
    fn fit(_: PhantomData<T>, item: Self) -> T {
        match item.0 {}
    }
}

#[diagnostic::do_not_recommend]
impl<T> Gives<T> for Never<T> {
    fn give(_: PhantomData<T>, output: Self) -> T {
        match output.0 {}
    }
}

/// `stage`, taking what `fit` makes into what it takes.
pub fn fit_stage<T, S, F>(stage: S, fit: F) -> Fitted<T, S, F>
where
    S: Stage,
    F: FnMut(PhantomData<S::In>, T) -> S::In,
{
    Fitted { inner: stage, fit, items: PhantomData }
}

/// `sink`, taking what `fit` makes into what it takes.
pub fn fit_sink<T, K, F>(sink: K, fit: F) -> Fitted<T, K, F>
where
    K: Sink,
    F: FnMut(PhantomData<K::In>, T) -> K::In,
{
    Fitted { inner: sink, fit, items: PhantomData }
}

/// What a run gave, its output taken by `give` into what the pipeline declares.
///
/// # Errors
///
/// Those of the run.
pub fn give<T, U>(
    outcome: Result<Outcome<T>, Error>,
    give: impl FnOnce(PhantomData<U>, T) -> U,
) -> Result<Outcome<U>, Error> {
    outcome.map(|Outcome { output, report }| Outcome { output: give(PhantomData, output), report })
}

/// A stage or sink behind a closure: of [`fit_stage`] and [`fit_sink`].
#[derive(Debug)]
pub struct Fitted<T, S, F> {
    inner: S,
    fit: F,
    items: PhantomData<fn(T)>,
}

impl<T, S, F> Stage for Fitted<T, S, F>
where
    S: Stage,
    F: FnMut(PhantomData<S::In>, T) -> S::In,
{
    type In = T;
    type Out = S::Out;

    const YIELD: Yield = S::YIELD;

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.inner.push((self.fit)(PhantomData, item), out)
    }

    fn finish(&mut self, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.inner.finish(out)
    }

    fn name(&self) -> &'static str {
        self.inner.name()
    }
}

impl<T, K, F> Sink for Fitted<T, K, F>
where
    K: Sink,
    F: FnMut(PhantomData<K::In>, T) -> K::In,
{
    type In = T;
    type Output = K::Output;

    #[inline]
    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.inner.consume((self.fit)(PhantomData, item))
    }

    fn finish(self) -> Result<K::Output, Failure> {
        self.inner.finish()
    }

    fn name(&self) -> &'static str {
        self.inner.name()
    }
}

//! `Fitted`: a stage or a sink whose items pass through a closure that checks their type.

use std::marker::PhantomData;
use std::time::Duration;

use crate::emit::Emit;
use crate::emit::items::{Items, Mapped};
use crate::error::{Failure, Halt};
use crate::fit::Given;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::report::Tally;
use crate::report::meter::Meter;
use crate::run::Runnable;
use crate::run::context::Context;
use crate::sink::Commit;
use crate::sink::Sink;
use crate::stage::{Packing, Stage, Yield};

/// Adds `stage` to `pipeline`; `fit` turns each item into one that the stage takes.
#[doc(hidden)]
pub fn fit_stage<T, C, M, S, F>(
    pipeline: Pipeline<T, C, M>,
    stage: S,
    fit: F,
) -> Piped<S::Out, C, Fitted<T, S, F>, M>
where
    S: Stage,
    F: FnMut(PhantomData<S::In>, T) -> S::In,
{
    pipeline.pipe(Fitted::new(stage, fit))
}

/// Ends `pipeline` with `sink`; `fit` turns each item into one that the sink takes.
#[doc(hidden)]
pub fn fit_sink<T, C, M, K, F>(
    pipeline: Pipeline<T, C, M>,
    sink: K,
    fit: F,
) -> Runnable<C, Fitted<T, K, F>, M>
where
    K: Sink,
    F: FnMut(PhantomData<K::In>, T) -> K::In,
{
    pipeline.ended(Fitted::new(sink, fit))
}

/// Adds `stage`, which hands on the same items and gives them to a second sink.
#[doc(hidden)]
pub fn with_second_sink<T, C, M, S>(pipeline: Pipeline<T, C, M>, stage: S) -> Piped<T, C, S, M> {
    pipeline.then(stage)
}

/// The second sink `sink`; `fit` turns each item into one that the sink takes.
#[doc(hidden)]
pub fn fitted_sink<T, K, F>(_: Given<T>, sink: K, fit: F) -> Fitted<T, K, F>
where
    K: Sink,
    F: FnMut(PhantomData<K::In>, T) -> K::In,
{
    Fitted::new(sink, fit)
}

impl<T, S, F> Fitted<T, S, F> {
    /// Puts `fit` before `inner`.
    pub(super) fn new(inner: S, fit: F) -> Self {
        Self { inner, fit, items: PhantomData }
    }
}

/// A stage or a sink behind a closure: see [`fit_stage`] and [`fit_sink`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Fitted<T, S, F> {
    inner: S,
    fit: F,
    items: PhantomData<fn(T)>,
}

/// The closure `fit` with one parameter.
#[inline]
fn fitting<T, V>(fit: &mut impl FnMut(PhantomData<V>, T) -> V) -> impl FnMut(T) -> V {
    |item| fit(PhantomData, item)
}

impl<T, S, F> Stage for Fitted<T, S, F>
where
    S: Stage,
    F: FnMut(PhantomData<S::In>, T) -> S::In,
{
    type In = T;
    type Out = S::Out;

    const YIELD: Yield = S::YIELD;

    const FAILS_LATE: bool = S::FAILS_LATE;

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.inner.push((self.fit)(PhantomData, item), out)
    }

    #[inline]
    fn push_all(&mut self, items: impl Items<T>, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.inner.push_all(Mapped::new(items, fitting(&mut self.fit)), out)
    }

    #[inline]
    fn hand_on<I, O: Emit<I>, M: Meter>(
        out: &mut O,
        items: impl Items<I>,
        crossed: &mut u64,
    ) -> Result<(), Halt> {
        S::hand_on::<I, O, M>(out, items, crossed)
    }

    fn tick(&mut self, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.inner.tick(out)
    }

    fn finish(&mut self, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.inner.finish(out)
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.inner.close()
    }

    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn node(&self) -> Node {
        self.inner.node()
    }

    fn packing(&self) -> Packing {
        self.inner.packing()
    }

    fn attach<'scope, 'env>(&mut self, context: &mut Context<'_, 'scope, 'env>)
    where
        Self: 'env,
    {
        self.inner.attach(context);
    }

    fn tally(&self) -> Tally {
        self.inner.tally()
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

    #[inline]
    fn consume_all(&mut self, items: impl Items<T>) -> Result<(), Halt> {
        self.inner.consume_all(Mapped::new(items, fitting(&mut self.fit)))
    }

    fn finish(self) -> Result<K::Output, Failure> {
        self.inner.finish()
    }

    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn node(&self) -> Node {
        self.inner.node()
    }

    fn waited(&self) -> Duration {
        self.inner.waited()
    }

    fn attach(&mut self, context: &Context<'_, '_, '_>) {
        self.inner.attach(context);
    }

    fn tally(&self) -> Tally {
        self.inner.tally()
    }

    fn tries_again(&mut self) {
        self.inner.tries_again();
    }
}

impl<T, K, F> Commit for Fitted<T, K, F>
where
    K: Commit,
    F: FnMut(PhantomData<K::In>, T) -> K::In,
{
    fn commit(&mut self) -> Result<(), Failure> {
        self.inner.commit()
    }
}

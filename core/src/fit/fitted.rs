//! `Fitted`: a stage or a sink whose items pass through a closure that checks their type.

use std::marker::PhantomData;

use crate::emit::Emit;
use crate::emit::items::{Items, Mapped};
use crate::error::{Failure, Halt};
use crate::fit::Given;
use crate::pipeline::{Piped, Pipeline, Then};
use crate::run::Runnable;
use crate::sink::delegate::delegate_sink;
use crate::sink::{Commit, Sink};
use crate::stage::delegate::delegate_stage;
use crate::stage::{Stage, When};

/// Adds `stage` to `pipeline`. `fit` turns each item into one that the stage accepts.
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

/// A pipeline whose last stage is switched on or off.
type Switched<T, C, S, F, M, K> = Pipeline<T, Then<C, When<S, F>, M, K>, M>;

/// Switches the last stage of `pipeline` off unless `condition` is `true`. `fit` turns each item that the stage takes into
/// one that it emits.
#[doc(hidden)]
pub fn when<T, C, S, M, K, F>(
    pipeline: Pipeline<T, Then<C, S, M, K>, M>,
    condition: bool,
    fit: F,
) -> Switched<T, C, S, F, M, K>
where
    S: Stage,
    F: FnMut(PhantomData<S::Out>, S::In) -> S::Out,
{
    pipeline.with_chain(|chain| chain.with_stage(|stage| When::new(stage, condition, fit)))
}

/// Ends `pipeline` with `sink`. `fit` turns each item into one that the sink accepts.
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

/// Adds `stage`, which emits the items unchanged and gives them to a second sink.
#[doc(hidden)]
pub fn with_second_sink<T, C, M, S>(pipeline: Pipeline<T, C, M>, stage: S) -> Piped<T, C, S, M> {
    pipeline.then(stage)
}

/// The second sink `sink`. `fit` turns each item into one that the sink accepts, and `keeps` checks that no output is
/// lost.
#[doc(hidden)]
pub fn fitted_sink<T, K, F, L>(_: Given<T>, sink: K, fit: F, _keeps: L) -> Fitted<T, K, F>
where
    K: Sink,
    F: FnMut(PhantomData<K::In>, T) -> K::In,
    L: FnOnce(PhantomData<K>, PhantomData<K::Output>),
{
    Fitted::new(sink, fit)
}

impl<T, S, F> Fitted<T, S, F> {
    /// Puts `fit` before `inner`.
    pub(super) fn new(inner: S, fit: F) -> Self {
        Self { inner, fit, items: PhantomData }
    }
}

/// A stage or a sink behind a closure. See [`fit_stage`] and [`fit_sink`].
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

#[deny(clippy::missing_trait_methods)]
impl<T, S, F> Stage for Fitted<T, S, F>
where
    S: Stage,
    F: FnMut(PhantomData<S::In>, T) -> S::In,
{
    type In = T;
    type Out = S::Out;

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.inner.push((self.fit)(PhantomData, item), out)
    }

    #[inline]
    fn push_all(&mut self, items: impl Items<T>, out: &mut impl Emit<S::Out>) -> Result<(), Halt> {
        self.inner.push_all(Mapped::new(items, fitting(&mut self.fit)), out)
    }

    delegate_stage!(FACTS = S::FACTS, self.inner: start, tick, before_blocking, finish, close, is_shut, held, tally, name, node);
}

#[deny(clippy::missing_trait_methods)]
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

    delegate_sink!(self.inner: start, before_retry, finish, waited, tally, name, node);
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

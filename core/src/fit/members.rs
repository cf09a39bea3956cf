//! The members of `merge`, `chain` and `route`: several sources, or several sinks, of one type.

use std::marker::PhantomData;

use crate::fit::Given;
use crate::fit::calls::Meeting;
use crate::sink::{Route, Sink};
use crate::source::Source;

/// A collection of sources.
pub trait Sources: IntoIterator<Item = Self::Source> {
    /// The type of each source.
    type Source: Source;
}

impl<I: IntoIterator<Item: Source>> Sources for I {
    type Source = I::Item;
}

/// A collection of sinks.
pub trait Sinks: IntoIterator<Item = Self::Sink> {
    /// The type of each sink.
    type Sink: Sink;
}

impl<I: IntoIterator<Item: Sink>> Sinks for I {
    type Sink = I::Item;
}

/// The items of `_sources`, for the closure that returns their keys.
#[must_use]
pub fn merged<S: Sources>(_sources: &S) -> Given<<S::Source as Source>::Item> {
    Given::new()
}

/// The items of a pipeline, and those that `_sinks` take.
#[must_use]
pub fn routed<T, S: Sinks>(_: Given<T>, _sinks: &S) -> Meeting<T, <S::Sink as Sink>::In> {
    Meeting::new()
}

/// The items that the sinks take, for the closure that chooses a sink.
#[must_use]
pub fn taken<T, V>(_: Meeting<T, V>) -> Given<V> {
    Given::new()
}

/// The sinks of a `route`, for the rule that a second sink has no output that is lost.
#[must_use]
pub fn each<K, F>(_: PhantomData<Route<K, F>>) -> PhantomData<K> {
    PhantomData
}

/// The output of one sink of a `route`.
#[must_use]
pub fn output_of_each<U>(_: PhantomData<Vec<U>>) -> PhantomData<U> {
    PhantomData
}

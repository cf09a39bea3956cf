//! What a `merge` is given, several sources, and what a `route` is given, several sinks.

use crate::fit::Given;
use crate::fit::calls::Meeting;
use crate::sink::Sink;
use crate::source::Source;

/// Sources that can be counted out.
pub trait Sources: IntoIterator<Item = Self::Source> {
    /// What each is.
    type Source: Source;
}

impl<I: IntoIterator<Item: Source>> Sources for I {
    type Source = I::Item;
}

/// Sinks that can be counted out.
pub trait Sinks: IntoIterator<Item = Self::Sink> {
    /// What each is.
    type Sink: Sink;
}

impl<I: IntoIterator<Item: Sink>> Sinks for I {
    type Sink = I::Item;
}

/// What `_sources` give, for the closure that finds a key in it.
#[must_use]
pub fn merged<S: Sources>(_sources: &S) -> Given<<S::Source as Source>::Item> {
    Given::new()
}

/// What a pipeline hands on, and what `_sinks` take.
#[must_use]
pub fn routed<T, S: Sinks>(_: Given<T>, _sinks: &S) -> Meeting<T, <S::Sink as Sink>::In> {
    Meeting::new()
}

impl<T, V> Meeting<T, V> {
    /// What is taken, for the closure that chooses who takes it.
    #[must_use]
    pub fn taken(&self) -> Given<V> {
        Given::new()
    }
}

//! `Given`: the type of items, as a value.

use std::marker::PhantomData;

/// The type of items, as a value without data. It tells the compiler the type of a closure's parameter, or of a sink's
/// items.
#[doc(hidden)]
#[derive(Debug)]
pub struct Given<T>(PhantomData<fn(T)>);

impl<T> Clone for Given<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Given<T> {}

impl<T> Given<T> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

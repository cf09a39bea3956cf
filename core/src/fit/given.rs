//! The type of items, as a value.

use std::marker::PhantomData;

/// The type of items, as a value without data. A closure or a sink that follows is read with it.
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

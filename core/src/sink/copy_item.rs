//! How a copy of an item is made, where one is kept.

use std::fmt;
use std::marker::PhantomData;

/// Makes copies of items: by [`Clone`], or as `pipeline!` says. Sealed.
pub trait CopyItem<T>: sealed::Sealed {
    #[doc(hidden)]
    fn copy(&mut self, item: &T) -> T;
}

/// By [`Clone`].
#[derive(Debug, Clone, Copy)]
pub struct Cloned;

/// By a closure whose body alone can be wrong: of `pipeline!`.
#[doc(hidden)]
pub struct CopyWith<T, F> {
    copy: F,
    items: PhantomData<fn(&T) -> T>,
}

/// Copies as `copy` does.
#[doc(hidden)]
pub fn by<T, F: FnMut(&T) -> T>(copy: F) -> CopyWith<T, F> {
    CopyWith { copy, items: PhantomData }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Cloned {}
    impl<T, F> Sealed for super::CopyWith<T, F> {}
}

impl<T: Clone> CopyItem<T> for Cloned {
    #[inline]
    fn copy(&mut self, item: &T) -> T {
        item.clone()
    }
}

impl<T, F: FnMut(&T) -> T> CopyItem<T> for CopyWith<T, F> {
    #[inline]
    fn copy(&mut self, item: &T) -> T {
        (self.copy)(item)
    }
}

impl<T, F> fmt::Debug for CopyWith<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CopyWith")
    }
}

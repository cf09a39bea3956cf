//! `CopyItem`: the way in which items are copied.

use std::fmt;
use std::marker::PhantomData;

/// Copies items, with [`Clone`] or with a closure of `pipeline!`. Sealed.
pub trait CopyItem<T>: sealed::Sealed {
    #[doc(hidden)]
    fn copy(&mut self, item: &T) -> T;
}

/// Copies with [`Clone`].
#[derive(Debug, Clone, Copy)]
pub struct Cloned;

/// Copies with a closure of `pipeline!`, whose body alone has an error if `Clone` is missing.
#[doc(hidden)]
pub struct CopyWith<T, F> {
    copy: F,
    items: PhantomData<fn(&T) -> T>,
}

/// Copies with `copy`.
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

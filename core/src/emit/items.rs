//! Internal iteration: many items at once, for a loop in a later stage.
//!
//! Items that a source emits at once travel from stage to stage as one value, and a `map` or `filter` only adds its own
//! work to it. The first later stage with a state, or the sink, runs the loop, with its state in local variables.
//! [`Iterator`] would do, if it had no associated type: for nested iterators the compiler resolves it again at each
//! level, in time that doubles with each level, and twenty stages would not compile.
//!
//! A chunk that is timed travels item by item.
//!
//! For the same reason the work on each item is created by separate functions, such as [`mapping`]: the type of a
//! closure contains all type parameters of the function around it.

use crate::error::Halt;

/// Several items for a stage or sink that takes [many at once](crate::Stage::push_all).
pub trait Items<T> {
    /// Calls `take` with each item, in order, until the first error.
    ///
    /// # Errors
    ///
    /// The error of `take`.
    fn each(self, take: impl FnMut(T) -> Result<(), Halt>) -> Result<(), Halt>;
}

/// The items of an iterator.
pub(crate) struct IterItems<I>(pub(crate) I);

impl<I: Iterator> Items<I::Item> for IterItems<I> {
    #[inline]
    fn each(self, mut take: impl FnMut(I::Item) -> Result<(), Halt>) -> Result<(), Halt> {
        for item in self.0 {
            take(item)?;
        }
        Ok(())
    }
}

/// The next `left` items of an iterator, or fewer at its end.
pub(crate) struct TakeItems<'a, I> {
    pub(crate) items: I,
    pub(crate) left: &'a mut usize,
}

impl<I: Iterator> Items<I::Item> for TakeItems<'_, I> {
    #[inline]
    fn each(mut self, mut take: impl FnMut(I::Item) -> Result<(), Halt>) -> Result<(), Halt> {
        while *self.left > 0 {
            let Some(item) = self.items.next() else { break };
            *self.left -= 1;
            take(item)?;
        }
        Ok(())
    }
}

/// Items converted by `call`.
pub(crate) struct Mapped<I, F, T> {
    items: I,
    call: F,
    of: std::marker::PhantomData<fn(T)>,
}

impl<I, F, T> Mapped<I, F, T> {
    #[inline]
    pub(crate) fn new(items: I, call: F) -> Self {
        Self { items, call, of: std::marker::PhantomData }
    }
}

impl<I: Items<T>, F: FnMut(T) -> U, T, U> Items<U> for Mapped<I, F, T> {
    #[inline]
    fn each(self, take: impl FnMut(U) -> Result<(), Halt>) -> Result<(), Halt> {
        self.items.each(mapping(self.call, take))
    }
}

#[inline]
fn mapping<T, U>(
    mut call: impl FnMut(T) -> U,
    mut take: impl FnMut(U) -> Result<(), Halt>,
) -> impl FnMut(T) -> Result<(), Halt> {
    move |item| take(call(item))
}

/// Items converted by `call`, without those for which it returns `None`.
pub(crate) struct FilterMapped<I, F, T> {
    items: I,
    call: F,
    of: std::marker::PhantomData<fn(T)>,
}

impl<I, F, T> FilterMapped<I, F, T> {
    #[inline]
    pub(crate) fn new(items: I, call: F) -> Self {
        Self { items, call, of: std::marker::PhantomData }
    }
}

impl<I: Items<T>, F: FnMut(T) -> Option<U>, T, U> Items<U> for FilterMapped<I, F, T> {
    #[inline]
    fn each(self, take: impl FnMut(U) -> Result<(), Halt>) -> Result<(), Halt> {
        self.items.each(filter_mapping(self.call, take))
    }
}

#[inline]
fn filter_mapping<T, U>(
    mut call: impl FnMut(T) -> Option<U>,
    mut take: impl FnMut(U) -> Result<(), Halt>,
) -> impl FnMut(T) -> Result<(), Halt> {
    move |item| match call(item) {
        Some(item) => take(item),
        None => Ok(()),
    }
}

/// Converts `passes`, a predicate, to a closure for [`FilterMapped`].
#[inline]
pub(crate) fn some_if<T>(mut passes: impl FnMut(&T) -> bool) -> impl FnMut(T) -> Option<T> {
    move |item| passes(&item).then_some(item)
}

//! Many items, to be taken one after the other by whoever has the loop.
//!
//! What a source has many of at once travels from stage to stage as one thing, to which a `map` or a `filter` only adds
//! what it does. The first stage behind them that keeps something, or the sink, runs the loop, with its state in
//! local variables. An [`Iterator`] would serve, had it no associated type: the compiler works out those of nested
//! iterators anew at each level, in time that doubles with each, and twenty stages do not compile.
//!
//! A chunk that is timed goes item by item.
//!
//! For the same reason what is done to each item is made by functions of their own, such as [`mapping`]: a closure names
//! all types of the function that it stands in.

use crate::error::Halt;

/// Items on their way to a stage or a sink that takes [many at once](crate::Stage::push_all).
pub trait Items<T> {
    /// Gives each to `take`, in order, and ends at the first error.
    ///
    /// # Errors
    ///
    /// That of `take`.
    fn each(self, take: impl FnMut(T) -> Result<(), Halt>) -> Result<(), Halt>;
}

/// The items of an iterator.
pub(crate) struct Of<I>(pub(crate) I);

impl<I: Iterator> Items<I::Item> for Of<I> {
    #[inline]
    fn each(self, mut take: impl FnMut(I::Item) -> Result<(), Halt>) -> Result<(), Halt> {
        for item in self.0 {
            take(item)?;
        }
        Ok(())
    }
}

/// The next items of an iterator, as many as are `left`, if it has them.
pub(crate) struct Next<'a, I> {
    pub(crate) items: I,
    pub(crate) left: &'a mut usize,
}

impl<I: Iterator> Items<I::Item> for Next<'_, I> {
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

/// What `call` makes of items.
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

/// What `call` makes of items, where it makes something.
pub(crate) struct Kept<I, F, T> {
    items: I,
    call: F,
    of: std::marker::PhantomData<fn(T)>,
}

impl<I, F, T> Kept<I, F, T> {
    #[inline]
    pub(crate) fn new(items: I, call: F) -> Self {
        Self { items, call, of: std::marker::PhantomData }
    }
}

impl<I: Items<T>, F: FnMut(T) -> Option<U>, T, U> Items<U> for Kept<I, F, T> {
    #[inline]
    fn each(self, take: impl FnMut(U) -> Result<(), Halt>) -> Result<(), Halt> {
        self.items.each(keeping(self.call, take))
    }
}

#[inline]
fn keeping<T, U>(
    mut call: impl FnMut(T) -> Option<U>,
    mut take: impl FnMut(U) -> Result<(), Halt>,
) -> impl FnMut(T) -> Result<(), Halt> {
    move |item| match call(item) {
        Some(item) => take(item),
        None => Ok(()),
    }
}

/// Makes `passes` a thing to be [`Kept`] by.
#[inline]
pub(crate) fn those<T>(mut passes: impl FnMut(&T) -> bool) -> impl FnMut(T) -> Option<T> {
    move |item| passes(&item).then_some(item)
}

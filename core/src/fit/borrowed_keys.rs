//! Keys that are borrowed from their items: `by: |note| &note.title`.
//!
//! A key is kept until the next one is there, and its item has gone on by then. Of a closure that gives one back all the same
//! the compiler speaks in terms of lifetimes. Where the key is a field, what it is borrowed from is known without them: it is
//! the item, unless there is a reference on the way, as where the items themselves are borrowed.

use std::marker::PhantomData;

use crate::fit::Given;

/// A place on the way to a key.
#[derive(Debug)]
pub struct Place<P>(PhantomData<fn(P)>);

/// What `place` is.
#[must_use]
pub fn place<P>(_: &P) -> Place<P> {
    Place(PhantomData)
}

/// A key that is borrowed from what outlives its item.
#[doc(hidden)]
#[derive(Debug)]
pub struct OfOthers;

/// A key that is borrowed from its item. The compiler names it where one is.
#[derive(Debug)]
pub struct OfItsItem;

impl OfOthers {
    /// Whatever else is on the way.
    #[must_use]
    pub fn or<O>(self, _: O) -> Self {
        self
    }
}

impl OfItsItem {
    /// Unless `other` is on the way.
    pub fn or<O>(self, other: O) -> O {
        other
    }
}

/// A reference, behind which is what outlives the item.
pub trait IsLong: Sized {
    /// What is borrowed behind it.
    fn behind(self) -> OfOthers {
        OfOthers
    }
}

impl<P: ?Sized> IsLong for Place<&P> {}

/// Anything else is part of the item.
pub trait IsShort: Sized {
    /// What is borrowed of it.
    fn behind(self) -> OfItsItem {
        OfItsItem
    }
}

impl<P> IsShort for &Place<P> {}

/// The key of an item is a value of its own, or borrowed from what outlives the item.
#[diagnostic::on_unimplemented(
    message = "a key is kept when its item has gone on, and this one is borrowed from it",
    label = "borrowed from the item",
    note = "make the key a value of its own, as in `note.title.clone()`"
)]
pub trait OutlivesItem<Key, Behind> {
    #[doc(hidden)]
    fn check(key: Key, behind: Behind, joint: Self);
}

#[diagnostic::do_not_recommend]
impl<J, Key> OutlivesItem<Key, OfOthers> for J {
    fn check(_: Key, _: OfOthers, _: J) {}
}

/// `check`, which is never called, with what is known of items.
pub fn look_at<T>(_: Given<T>, check: impl FnOnce(&T)) {
    let _ = check;
}

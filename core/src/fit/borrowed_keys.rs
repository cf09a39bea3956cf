//! Rules on keys that are borrowed from their items: `by: |note| &note.title`.
//!
//! A key is compared with the key of the next item, when its own item has already been emitted. So it cannot be
//! borrowed from the item. The compiler's message for such a closure talks of lifetimes. If the key is a field, its
//! owner is known without lifetimes: it is the item, unless the path to the field goes through a reference, for example
//! because the items themselves are borrowed.

use std::marker::PhantomData;

use crate::fit::Given;

/// The type of a place on the path to a key.
#[derive(Debug)]
pub struct Place<P>(PhantomData<fn(P)>);

/// The type of `place`.
#[must_use]
pub fn place<P>(_: &P) -> Place<P> {
    Place(PhantomData)
}

/// The owner of a key, if it outlives the item.
#[doc(hidden)]
#[derive(Debug)]
pub struct OfOthers;

/// The owner of a key, if it is the item. The compiler names this type in the message.
#[derive(Debug)]
pub struct OfItsItem;

impl OfOthers {
    /// Returns this owner. The rest of the path does not change it.
    #[must_use]
    pub fn or<O>(self, _: O) -> Self {
        self
    }
}

impl OfItsItem {
    /// Returns the owner `other`, if it outlives the item.
    pub fn or<O>(self, other: O) -> O {
        other
    }
}

/// A reference on the path. Its target outlives the item.
pub trait IsLong: Sized {
    /// The owner of a key behind the reference.
    fn owner_behind(self) -> OfOthers {
        OfOthers
    }
}

impl<P: ?Sized> IsLong for Place<&P> {}

/// Any other place on the path. It is a part of the item.
pub trait IsShort: Sized {
    /// The owner of a key inside the place.
    fn owner_behind(self) -> OfItsItem {
        OfItsItem
    }
}

impl<P> IsShort for &Place<P> {}

/// The rule that a key is not borrowed from its item.
#[diagnostic::on_unimplemented(
    message = "this key is borrowed from its item, which is handed on before the key is compared",
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

/// Gives `check` the type of the items. `check` is not called.
pub fn look_at<T>(_: Given<T>, check: impl FnOnce(&T)) {
    let _ = check;
}

//! What a function that is named in an operator takes, beside what it is given.
//!
//! What a function is given may be made into what it takes by the compiler, as a `&String` into a `&str`. Then the call is
//! left to the compiler. Where it never is, the function is held against a rule, and what it takes is known behind it.

use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use crate::fit::{Nobody, Nothing, Trait};

/// What an operator calls for each item is a closure, or a function of one item.
#[diagnostic::on_unimplemented(
    message = "an operator calls a closure or a function of one item, and `{Self}` is not one",
    label = "not a function of one item"
)]
pub trait IsFunction<A, R, By> {
    #[doc(hidden)]
    type Itself: FnMut(A) -> R;

    #[doc(hidden)]
    fn itself(self) -> Self::Itself;
}

#[diagnostic::do_not_recommend]
impl<A, R, F: FnMut(A) -> R> IsFunction<A, R, Trait> for F {
    type Itself = F;

    #[inline]
    fn itself(self) -> F {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<A, R, F: FnMut(A) -> R + Nothing> IsFunction<A, R, Nobody> for F {
    type Itself = F;

    fn itself(self) -> F {
        self
    }
}

/// What is given, and what is taken.
#[derive(Debug)]
pub struct Passing<T, A>(PhantomData<fn(T) -> A>);

/// What `function` takes, and what it is given.
#[must_use]
pub fn passing<T, A, R>(_: &impl FnMut(A) -> R, _: &T) -> Passing<T, A> {
    Passing(PhantomData)
}

/// What an item is held against: what a function takes, or itself, where the call is left to the compiler.
pub trait Against<V> {
    /// What it is held against.
    fn against(&self) -> PhantomData<V>;
}

/// The compiler tries these in their order: each is behind a reference less than the one before it.
macro_rules! against {
    ($(#[doc = $_why:literal] $([$($generics:tt)*] $passing:ty => $wanted:ty;)*)*) => {$($(
        impl<$($generics)*> Against<$wanted> for $passing {
            fn against(&self) -> PhantomData<$wanted> {
                PhantomData
            }
        }
    )*)*};
}

against! {
    /// What is the same, or will be.
    [T] &&&&&&Passing<T, T> => T;

    /// A reference to what has something to borrow in it.
    ['a, 'b, T: ?Sized + Deref, A: ?Sized] &&&&&Passing<&'a T, &'b A> => &'a T;

    /// A pointer that may be made into one to something else.
    ['a, T: ?Sized, A] &&&&Passing<&'a mut T, A> => &'a mut T;
    [T: ?Sized, A] &&&&Passing<Box<T>, A> => Box<T>;
    [T: ?Sized, A] &&&&Passing<Rc<T>, A> => Rc<T>;
    [T: ?Sized, A] &&&&Passing<Arc<T>, A> => Arc<T>;
    ['a, 'b, T, const N: usize] &&&&Passing<&'a [T; N], &'b [T]> => &'a [T; N];

    /// A reference to another type.
    ['a, 'b, T: ?Sized, A] &&&Passing<&'a T, &'b A> => &'b A;
    ['a, 'b, T: ?Sized] &&&Passing<&'a T, &'b str> => &'b str;
    ['a, 'b, T: ?Sized, A] &&&Passing<&'a T, &'b [A]> => &'b [A];

    /// One to what has no size, such as a trait object.
    ['a, 'b, T: ?Sized, A: ?Sized] &&Passing<&'a T, &'b A> => &'a T;

    /// What may be a function itself.
    [T, R] &Passing<T, fn() -> R> => T;
    [T, R, A] &Passing<T, fn(A) -> R> => T;
    [T, R, A, B] &Passing<T, fn(A, B) -> R> => T;

    /// Everything else.
    [T, A] Passing<T, A> => A;
}

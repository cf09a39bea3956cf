//! The argument of a function that an operator names, and its coercions.
//!
//! In a call the compiler coerces an argument, for example a `&String` to a `&str`. If a coercion is possible, the call
//! is left to the compiler. Otherwise a rule compares the type of the item with the type of the parameter, and the code
//! behind it has the type of the parameter.

use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use crate::fit::{Nobody, Nothing, Trait};

/// The function of an operator can be called with one item.
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

/// The type of an item, and the type of the parameter that receives it.
#[derive(Debug)]
pub struct Passing<T, A>(PhantomData<fn(T) -> A>);

/// The types of `item` and of the parameter of `function`.
#[must_use]
pub fn passing<T, A, R>(_: &impl FnMut(A) -> R, _: &T) -> Passing<T, A> {
    Passing(PhantomData)
}

/// The type that an item is compared with: the type of the parameter, or the item's own if the call is left to the
/// compiler.
pub trait Against<V> {
    /// The type, as a value.
    fn type_to_compare(&self) -> PhantomData<V>;
}

/// Impls in the order in which the compiler tries them: each needs one reference less than the one before it.
macro_rules! against {
    ($(#[doc = $_why:literal] $([$($generics:tt)*] $passing:ty => $wanted:ty;)*)*) => {$($(
        impl<$($generics)*> Against<$wanted> for $passing {
            fn type_to_compare(&self) -> PhantomData<$wanted> {
                PhantomData
            }
        }
    )*)*};
}

against! {
    /// The same type, or one that is still open.
    [T] &&&&&&Passing<T, T> => T;

    /// A reference to a type that can be dereferenced.
    ['a, 'b, T: ?Sized + Deref, A: ?Sized] &&&&&Passing<&'a T, &'b A> => &'a T;

    /// A pointer that can be coerced to a pointer to another type.
    ['a, T: ?Sized, A] &&&&Passing<&'a mut T, A> => &'a mut T;
    [T: ?Sized, A] &&&&Passing<Box<T>, A> => Box<T>;
    [T: ?Sized, A] &&&&Passing<Rc<T>, A> => Rc<T>;
    [T: ?Sized, A] &&&&Passing<Arc<T>, A> => Arc<T>;
    ['a, 'b, T, const N: usize] &&&&Passing<&'a [T; N], &'b [T]> => &'a [T; N];

    /// A reference to another type.
    ['a, 'b, T: ?Sized, A] &&&Passing<&'a T, &'b A> => &'b A;
    ['a, 'b, T: ?Sized] &&&Passing<&'a T, &'b str> => &'b str;
    ['a, 'b, T: ?Sized, A] &&&Passing<&'a T, &'b [A]> => &'b [A];

    /// A reference to a type without a known size, such as a trait object.
    ['a, 'b, T: ?Sized, A: ?Sized] &&Passing<&'a T, &'b A> => &'a T;

    /// A type that can be coerced to a function pointer.
    [T, R] &Passing<T, fn() -> R> => T;
    [T, R, A] &Passing<T, fn(A) -> R> => T;
    [T, R, A, B] &Passing<T, fn(A, B) -> R> => T;

    /// Any other type.
    [T, A] Passing<T, A> => A;
}

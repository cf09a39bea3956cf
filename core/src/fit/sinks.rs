//! The sinks that are operators of `pipeline!`: `count`, `sum`, `fold` and `collect`.
//!
//! The bounds of the functions are reported at the name of the operator.

use std::marker::PhantomData;

use crate::fit::Given;
use crate::sink::{Collect, Count, Fold, Sum, Total};

/// Rule: the type that a pipeline declares is a collection of its items.
#[diagnostic::on_unimplemented(
    message = "items of type `{T}` cannot be collected into a `{Self}`",
    label = "collects `{T}` into the declared `{Self}`",
    note = "declare a type that implements `FromIterator<{T}>`, such as `Vec<{T}>`, or put a `map` before `collect`"
)]
pub trait Collects<T> {}

#[diagnostic::do_not_recommend]
impl<T, B: FromIterator<T>> Collects<T> for B {}

/// The sink that counts items of the given type.
pub fn count<T>(_: Given<T>) -> Count<T> {
    crate::count()
}

/// The sink that adds items of the given type to a total of the declared type.
pub fn sum<T, S: Total<T>>(_: Given<T>, _: PhantomData<S>) -> Sum<T, S> {
    crate::sum()
}

/// The sink that collects items of the given type into a collection of the declared type.
pub fn collect<T, B: Collects<T>>(_: Given<T>, _: PhantomData<B>) -> Collect<T, B> {
    Collect::into_any()
}

/// The sink that combines items of the given type. `rule` turns the result of `combine` into the next value.
pub fn fold<T, A, R>(
    _: Given<T>,
    start: A,
    mut combine: impl FnMut(A, T) -> R,
    mut rule: impl FnMut(PhantomData<A>, R) -> A,
) -> Fold<T, A, impl FnMut(A, T) -> A> {
    crate::fold(start, move |value, item| rule(PhantomData, combine(value, item)))
}

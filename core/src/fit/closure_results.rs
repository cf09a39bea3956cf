//! What the closure of an operator makes, beside the rule that it is to keep to.
//!
//! The operators' methods want a closure that makes the right thing, and where it does not, the compiler speaks of
//! mismatched types. Here a closure may make anything, and a second one, whose body alone can be wrong, takes that into
//! what the operator wants. The user's is read first: whatever it makes is known before it is held against a rule.

use std::marker::PhantomData;

use crate::error::BoxError;
use crate::fit::Given;
use crate::pipeline::Pipeline;
use crate::stage::Chunk;

/// What a closure made.
#[derive(Debug)]
pub struct Made<R>(pub R);

/// What `pipeline` hands on, so that a closure for what stands behind it can be read.
#[must_use]
pub fn handed_on<T, C, M>(_: &Pipeline<T, C, M>) -> Given<T> {
    Given::new()
}

/// Items as `_fit` makes them of those that are given.
pub fn given_as<T, V>(_: Given<T>, _fit: impl FnOnce(PhantomData<V>, T) -> V) -> Given<V> {
    Given::new()
}

/// `call`, for items that are handed over.
pub fn of_item<T, R, V>(
    _: Given<T>,
    mut call: impl FnMut(T) -> R,
    mut rule: impl FnMut(Made<R>) -> V,
) -> impl FnMut(T) -> V {
    move |item| rule(Made(call(item)))
}

/// `call`, for items that are looked at.
pub fn of_item_ref<T, R, V>(
    _: Given<T>,
    mut call: impl FnMut(&T) -> R,
    mut rule: impl FnMut(Made<R>) -> V,
) -> impl FnMut(&T) -> V {
    move |item| rule(Made(call(item)))
}

/// `call`, for chunks, whose items it sees as a slice.
pub fn of_chunk<T: Chunk, R, V>(
    _: Given<T>,
    mut call: impl FnMut(&[T::Item]) -> R,
    mut rule: impl FnMut(Made<R>) -> V,
) -> impl FnMut(&[T::Item]) -> V {
    move |chunk| rule(Made(call(chunk)))
}

/// `call`, for two neighbours.
pub fn of_neighbours<T, R, V>(
    _: Given<T>,
    mut call: impl FnMut(&T, &T) -> R,
    mut rule: impl FnMut(Made<R>) -> V,
) -> impl FnMut(&T, &T) -> V {
    move |first, second| rule(Made(call(first, second)))
}

/// `call`, for items that are handed over on several threads.
pub fn of_item_at_once<T, R, V>(
    _: Given<T>,
    call: impl Fn(T) -> R,
    rule: impl Fn(Made<R>) -> V,
) -> impl Fn(T) -> V {
    move |item| rule(Made(call(item)))
}

/// `call`, for the error of an item.
pub fn of_error<R, V>(
    mut call: impl FnMut(&BoxError) -> R,
    mut rule: impl FnMut(Made<R>) -> V,
) -> impl FnMut(&BoxError) -> V {
    move |error| rule(Made(call(error)))
}

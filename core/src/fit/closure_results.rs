//! The results of the closures of operators, checked by rules.
//!
//! The methods of operators have bounds on the result of a closure, and the compiler's message for a broken bound talks
//! of mismatched types. Here the closure may return any type, and a second closure turns the result into the required
//! type by a rule. Only the body of that second closure can have an error. The compiler reads the user's closure first,
//! so the type of its result is known when the rule is checked.

use std::marker::PhantomData;

use crate::error::{BoxError, Failure};
use crate::fit::Given;
use crate::pipeline::Pipeline;
use crate::source::Source;
use crate::stage::Chunk;

/// The result of a closure.
#[derive(Debug)]
pub struct Made<R>(pub R);

/// A marker of the type of the items that `pipeline` emits, for the closures of the next operator. It holds no item.
#[must_use]
pub fn items_of<T, C, M>(_: &Pipeline<T, C, M>) -> Given<T> {
    Given::new()
}

/// A marker of the type that `_fit` returns for items of the given type. `_fit` is not called.
pub fn items_as<T, V>(_: Given<T>, _fit: impl FnOnce(PhantomData<V>, T) -> V) -> Given<V> {
    Given::new()
}

/// Calls `call` with each item.
pub fn closure_of_item<T, R, V>(
    _: Given<T>,
    mut call: impl FnMut(T) -> R,
    mut rule: impl FnMut(Made<R>) -> V,
) -> impl FnMut(T) -> V {
    move |item| rule(Made(call(item)))
}

/// Calls `call` with a reference to each item.
pub fn closure_of_item_ref<T, R, V>(
    _: Given<T>,
    mut call: impl FnMut(&T) -> R,
    mut rule: impl FnMut(Made<R>) -> V,
) -> impl FnMut(&T) -> V {
    move |item| rule(Made(call(item)))
}

/// A marker of the type of the items of `source`, for a closure that is called with them.
#[must_use]
pub fn items_from<S: Source>(_: &S) -> Given<S::Item> {
    Given::new()
}

/// Calls `call` with a reference to each item of a second source. `first` returns the keys of the other items, and `rule`
/// turns a key into one of their type.
pub fn closure_of_second<T, U, K, R, F, G, H>(
    _: Given<U>,
    _first: &F,
    mut call: G,
    mut rule: H,
) -> impl FnMut(&U) -> K + use<T, U, K, R, F, G, H>
where
    F: FnMut(&T) -> K,
    G: FnMut(&U) -> R,
    H: FnMut(PhantomData<K>, R) -> K,
{
    move |item| rule(PhantomData, call(item))
}

/// The two closures, with the keys that `rule` makes of theirs.
pub fn both_keys<T, U, K, V, F, G, H>(
    mut first: F,
    mut second: G,
    rule: H,
) -> (impl FnMut(&T) -> V + use<T, U, K, V, F, G, H>, impl FnMut(&U) -> V + use<T, U, K, V, F, G, H>)
where
    F: FnMut(&T) -> K,
    G: FnMut(&U) -> K,
    H: Fn(Made<K>) -> V + Copy,
{
    (move |item: &T| rule(Made(first(item))), move |item: &U| rule(Made(second(item))))
}

/// Calls `call` with the items of each chunk.
pub fn closure_of_chunk<T: Chunk, R, V>(
    _: Given<T>,
    mut call: impl FnMut(&[T::Item]) -> R,
    mut rule: impl FnMut(Made<R>) -> V,
) -> impl FnMut(&[T::Item]) -> V {
    move |chunk| rule(Made(call(chunk)))
}

/// Calls `call` with references to two neighbours.
pub fn closure_of_neighbours<T, R, V>(
    _: Given<T>,
    mut call: impl FnMut(&T, &T) -> R,
    mut rule: impl FnMut(Made<R>) -> V,
) -> impl FnMut(&T, &T) -> V {
    move |first, second| rule(Made(call(first, second)))
}

/// Calls `call` with each item, on several threads at once.
pub fn shared_closure_of_item<T, R, V>(
    _: Given<T>,
    call: impl Fn(T) -> R,
    rule: impl Fn(Made<R>) -> V,
) -> impl Fn(T) -> V {
    move |item| rule(Made(call(item)))
}

/// Calls `call` with the state of a thread and with each item, on several threads at once.
pub fn shared_closure_of_state<S, T, R, V>(
    _: Given<S>,
    _: Given<T>,
    call: impl Fn(&mut S, T) -> R,
    rule: impl Fn(Made<R>) -> V,
) -> impl Fn(&mut S, T) -> V {
    move |state, item| rule(Made(call(state, item)))
}

/// Calls `call` for the state of a thread.
pub fn closure_of_thread<R, V>(call: impl Fn() -> R, rule: impl Fn(Made<R>) -> V) -> impl Fn() -> V {
    move || rule(Made(call()))
}

/// A marker of the type of the state that `_start` makes. `_start` is not called.
#[must_use]
pub fn state_of<S>(_start: &impl Fn() -> Result<S, Failure>) -> Given<S> {
    Given::new()
}

/// Calls `call` with the error of an item.
pub fn closure_of_error<R, V>(
    mut call: impl FnMut(&BoxError) -> R,
    mut rule: impl FnMut(Made<R>) -> V,
) -> impl FnMut(&BoxError) -> V {
    move |error| rule(Made(call(error)))
}

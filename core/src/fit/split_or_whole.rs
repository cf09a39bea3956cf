//! How `pipeline!` finds out whether a sink with a policy takes chunks, which are split, or single items.
//!
//! Both traits have a method of one name, and the compiler tries the one for chunks first: it needs one reference less.

use std::marker::PhantomData;

use crate::fit::Given;
use crate::policy::Policy;
use crate::policy::{SinkOnError, SplitOnError};
use crate::run::Runnable;
use crate::sink::Sink;
use crate::sink::copy_item::CopyWith;

/// What a sink takes.
#[derive(Debug)]
pub struct Taken<T>(PhantomData<fn(T)>);

/// What the sink of `runnable` takes.
#[must_use]
pub fn taken<C, K: Sink, M>(_: &Runnable<C, K, M>) -> Taken<K::In> {
    Taken(PhantomData)
}

/// A sink that takes chunks.
pub trait InChunks<T> {
    /// What a policy is given.
    fn given(&self) -> Given<T>;

    /// `runnable` with a policy for each item of a chunk, of which `copies` makes copies.
    fn guard<C, K, M, P, F>(
        &self,
        runnable: Runnable<C, K, M>,
        policy: P,
        copies: CopyWith<T, F>,
    ) -> Runnable<C, SplitOnError<K, P, CopyWith<T, F>>, M>
    where
        K: Sink<In = Vec<T>>,
        P: Policy<T>,
        F: FnMut(&T) -> T;
}

impl<T> InChunks<T> for Taken<Vec<T>> {
    fn given(&self) -> Given<T> {
        Given::new()
    }

    fn guard<C, K, M, P, F>(
        &self,
        runnable: Runnable<C, K, M>,
        policy: P,
        copies: CopyWith<T, F>,
    ) -> Runnable<C, SplitOnError<K, P, CopyWith<T, F>>, M>
    where
        K: Sink<In = Vec<T>>,
        P: Policy<T>,
        F: FnMut(&T) -> T,
    {
        runnable.split_on_error(policy, copies)
    }
}

/// Any other sink.
pub trait OneByOne<T> {
    /// What a policy is given.
    fn given(&self) -> Given<T>;

    /// `runnable` with a policy for what its sink takes. Nothing is split, so nothing is copied.
    fn guard<C, K, M, P, F>(
        &self,
        runnable: Runnable<C, K, M>,
        policy: P,
        copies: CopyWith<(), F>,
    ) -> Runnable<C, SinkOnError<K, P>, M>
    where
        K: Sink<In = T>,
        P: Policy<T>;
}

impl<T> OneByOne<T> for &Taken<T> {
    fn given(&self) -> Given<T> {
        Given::new()
    }

    fn guard<C, K, M, P, F>(
        &self,
        runnable: Runnable<C, K, M>,
        policy: P,
        _: CopyWith<(), F>,
    ) -> Runnable<C, SinkOnError<K, P>, M>
    where
        K: Sink<In = T>,
        P: Policy<T>,
    {
        runnable.on_error(policy)
    }
}

//! How `pipeline!` finds out whether a sink with a policy takes chunks, which are split, or single items.
//!
//! Both traits have a method of one name, and the compiler tries the one for chunks first: it needs one reference less.

use std::marker::PhantomData;

use crate::policy::Policy;
use crate::run::Runnable;
use crate::sink::Sink;
use crate::sink_on_error::{SinkOnError, SplitOnError};

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
    /// `runnable` with a policy for each item of a chunk.
    fn guard<C, K, M, P>(&self, runnable: Runnable<C, K, M>, policy: P) -> Runnable<C, SplitOnError<K, P>, M>
    where
        K: Sink<In = Vec<T>>,
        P: Policy<T>;
}

impl<T: Clone> InChunks<T> for Taken<Vec<T>> {
    fn guard<C, K, M, P>(&self, runnable: Runnable<C, K, M>, policy: P) -> Runnable<C, SplitOnError<K, P>, M>
    where
        K: Sink<In = Vec<T>>,
        P: Policy<T>,
    {
        runnable.on_error_split(policy)
    }
}

/// Any other sink.
pub trait OneByOne<T> {
    /// `runnable` with a policy for what its sink takes.
    fn guard<C, K, M, P>(&self, runnable: Runnable<C, K, M>, policy: P) -> Runnable<C, SinkOnError<K, P>, M>
    where
        K: Sink<In = T>,
        P: Policy<T>;
}

impl<T> OneByOne<T> for &Taken<T> {
    fn guard<C, K, M, P>(&self, runnable: Runnable<C, K, M>, policy: P) -> Runnable<C, SinkOnError<K, P>, M>
    where
        K: Sink<In = T>,
        P: Policy<T>,
    {
        runnable.on_error(policy)
    }
}

//! The policy of a sink. If the sink accepts chunks, the policy is for the items in a chunk, and a failed chunk is split.
//! Otherwise the policy is for the items that the sink accepts.
//!
//! The traits `InChunks` and `OneByOne` have methods of the same names. The compiler tries `InChunks` first, since it needs
//! one reference less.

use std::marker::PhantomData;

use crate::fit::Given;
use crate::policy::Policy;
use crate::policy::{SinkOnError, SplitOnError};
use crate::run::Runnable;
use crate::sink::Sink;
use crate::sink::copy_item::CopyWith;

/// A pipeline whose sink takes chunks, with a policy for single items.
type Splitting<C, K, P, T, F, M, Q> = Runnable<C, SplitOnError<K, P, CopyWith<T, F>>, M, Q>;

/// The type of the items that a sink accepts.
#[derive(Debug)]
pub struct Taken<T>(PhantomData<fn(T)>);

/// A marker of the type of the items that the sink of `runnable` accepts.
#[must_use]
pub fn taken<C, K: Sink, M, Q>(_: &Runnable<C, K, M, Q>) -> Taken<K::In> {
    Taken(PhantomData)
}

/// A sink that accepts chunks.
pub trait InChunks<T>: Sized {
    /// A marker of the type of the items of the policy: those inside the chunks.
    fn given_to_policy(self) -> Given<T>;

    /// Adds a policy for each item of a chunk. `copies` copies the items of a chunk that is split.
    fn add_policy_of_sink<C, K, M, Q, P, F>(
        self,
        runnable: Runnable<C, K, M, Q>,
        policy: P,
        copies: CopyWith<T, F>,
    ) -> Splitting<C, K, P, T, F, M, Q>
    where
        K: Sink<In = Vec<T>>,
        P: Policy<T>,
        F: FnMut(&T) -> T;
}

impl<T> InChunks<T> for Taken<Vec<T>> {
    fn given_to_policy(self) -> Given<T> {
        Given::new()
    }

    fn add_policy_of_sink<C, K, M, Q, P, F>(
        self,
        runnable: Runnable<C, K, M, Q>,
        policy: P,
        copies: CopyWith<T, F>,
    ) -> Splitting<C, K, P, T, F, M, Q>
    where
        K: Sink<In = Vec<T>>,
        P: Policy<T>,
        F: FnMut(&T) -> T,
    {
        runnable.split_on_error(policy, copies)
    }
}

/// Any other sink.
pub trait OneByOne<T>: Sized {
    /// A marker of the type of the items of the policy.
    fn given_to_policy(self) -> Given<T>;

    /// Adds a policy for each item. Nothing is split or copied.
    fn add_policy_of_sink<C, K, M, Q, P, F>(
        self,
        runnable: Runnable<C, K, M, Q>,
        policy: P,
        copies: CopyWith<(), F>,
    ) -> Runnable<C, SinkOnError<K, P>, M, Q>
    where
        K: Sink<In = T>,
        P: Policy<T>;
}

impl<T> OneByOne<T> for &Taken<T> {
    fn given_to_policy(self) -> Given<T> {
        Given::new()
    }

    fn add_policy_of_sink<C, K, M, Q, P, F>(
        self,
        runnable: Runnable<C, K, M, Q>,
        policy: P,
        _: CopyWith<(), F>,
    ) -> Runnable<C, SinkOnError<K, P>, M, Q>
    where
        K: Sink<In = T>,
        P: Policy<T>,
    {
        runnable.on_error(policy)
    }
}

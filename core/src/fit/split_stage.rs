//! The word `split` of `pipeline!`: a policy for single items of the chunks that a stage takes.
//!
//! The traits `SplitsChunks` and `SplitsNothing` have methods of the same names. The compiler tries `SplitsChunks` first,
//! since it needs one reference less. `SplitsNothing` reports its one error, and leaves the pipeline as it is.

use crate::fit::Given;
use crate::pipeline::chain::Then;
use crate::pipeline::{Piped, Pipeline};
use crate::policy::{OnErrorSplit, Policy};
use crate::sink::copy_item::CopyWith;
use crate::stage::Stage;

/// A pipeline whose last stage has a policy for single items of its chunks.
type Splitting<U, C, S, P, T, F, M> = Piped<U, C, OnErrorSplit<S, P, CopyWith<T, F>>, M>;

/// The chunks that `split` divides. The compiler reports this trait for a stage that takes single items.
#[diagnostic::on_unimplemented(
    message = "`split` finds the item of a chunk that fails, and this stage takes single items: `{Self}`",
    label = "no chunks",
    note = "leave `split` out"
)]
pub trait IsChunked {}

#[diagnostic::do_not_recommend]
impl<T> IsChunked for Vec<T> {}

/// A stage that takes chunks.
pub trait SplitsChunks<T>: Sized {
    /// A marker of the type of the items inside the chunks.
    fn inside(self) -> Given<T>;

    /// Adds a policy for each item of a chunk. `copies` copies the items of a chunk that is split.
    fn split<U, C, S, M, P, F>(
        self,
        pipeline: Pipeline<U, Then<C, S, M>, M>,
        policy: P,
        copies: CopyWith<T, F>,
    ) -> Splitting<U, C, S, P, T, F, M>
    where
        S: Stage<In = Vec<T>, Out = U>,
        P: Policy<T>,
        F: FnMut(&T) -> T;
}

impl<T> SplitsChunks<T> for Given<Vec<T>> {
    fn inside(self) -> Given<T> {
        Given::new()
    }

    fn split<U, C, S, M, P, F>(
        self,
        pipeline: Pipeline<U, Then<C, S, M>, M>,
        policy: P,
        copies: CopyWith<T, F>,
    ) -> Splitting<U, C, S, P, T, F, M>
    where
        S: Stage<In = Vec<T>, Out = U>,
        P: Policy<T>,
        F: FnMut(&T) -> T,
    {
        pipeline.split_on_error(policy, copies)
    }
}

/// Any other stage.
pub trait SplitsNothing<T>: Sized {
    /// A marker of the type of the items that the policy would get.
    fn inside(self) -> Given<T>;

    /// Returns `pipeline` as it is.
    fn split<Q, P, F>(self, pipeline: Q, policy: P, copies: CopyWith<T, F>) -> Q
    where
        T: IsChunked,
        P: Policy<T>,
        F: FnMut(&T) -> T;
}

impl<T> SplitsNothing<T> for &Given<T> {
    fn inside(self) -> Given<T> {
        Given::new()
    }

    fn split<Q, P, F>(self, pipeline: Q, _: P, _: CopyWith<T, F>) -> Q
    where
        T: IsChunked,
        P: Policy<T>,
        F: FnMut(&T) -> T,
    {
        pipeline
    }
}

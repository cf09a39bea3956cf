//! A hidden stage that checks the type of items, at the start and the end of a part.

use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::Halt;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::{Stage, StageFacts, Yield};

/// Passes the items of `pipeline` through `fit`, which turns them into items of the declared type. Reports and graphs do not
/// show this stage.
#[doc(hidden)]
pub fn fit_items<T, U, C, M, F>(
    pipeline: Pipeline<T, C, M>,
    _: PhantomData<U>,
    fit: F,
) -> Piped<U, C, FitItems<T, U, F>, M>
where
    F: FnMut(PhantomData<U>, T) -> U,
{
    pipeline.pipe(FitItems { fit, items: PhantomData })
}

/// Stage of [`fit_items`].
#[doc(hidden)]
#[derive(Debug)]
pub struct FitItems<T, U, F> {
    fit: F,
    items: PhantomData<fn(T) -> U>,
}

impl<T, U, F: FnMut(PhantomData<U>, T) -> U> Stage for FitItems<T, U, F> {
    type In = T;
    type Out = U;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::One).hidden();

    #[inline]
    fn push(&mut self, item: T, out: &mut impl Emit<U>) -> Result<(), Halt> {
        out.emit((self.fit)(PhantomData, item))
    }
}

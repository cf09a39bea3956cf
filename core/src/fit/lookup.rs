//! The operator `lookup`, with its rules in closures.

use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::Halt;
use crate::fit::closure_results::Made;
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::lookup::Enriched;
use crate::stage::lookup::enrich;
use crate::stage::{Chunk, Packing, Stage, Yield};

type LookedUp<T, V, W, R, C, F, G, H, M> = Piped<Enriched<V, R>, C, LookupFitted<T, V, W, R, F, G, H>, M>;

/// The operator `lookup`, where `fit` takes what it is given into a chunk, and `answers` what the query gives into
/// answers or an error.
#[doc(hidden)]
pub fn lookup<T, V, C, M, W, R, F, G, H>(
    pipeline: Pipeline<T, C, M>,
    fit: G,
    query: F,
    answers: H,
) -> LookedUp<T, V, W, R, C, F, G, H, M>
where
    V: Chunk,
    R: IntoIterator,
    G: FnMut(PhantomData<V>, T) -> V,
    F: FnMut(&[V::Item]) -> W,
    H: FnMut(Made<W>) -> Result<R, Halt>,
{
    pipeline.pipe(LookupFitted { fit, query, answers, items: PhantomData })
}

/// Stage of [`lookup`].
#[doc(hidden)]
#[derive(Debug)]
pub struct LookupFitted<T, V, W, R, F, G, H> {
    fit: G,
    query: F,
    answers: H,
    items: PhantomData<fn(T, V, W) -> R>,
}

impl<T, V, W, R, F, G, H> Stage for LookupFitted<T, V, W, R, F, G, H>
where
    V: Chunk,
    R: IntoIterator,
    G: FnMut(PhantomData<V>, T) -> V,
    F: FnMut(&[V::Item]) -> W,
    H: FnMut(Made<W>) -> Result<R, Halt>,
{
    type In = T;
    type Out = Enriched<V, R>;

    const YIELD: Yield = Yield::One;

    fn push(&mut self, chunk: T, out: &mut impl Emit<Self::Out>) -> Result<(), Halt> {
        let Self { fit, query, answers, .. } = self;
        enrich(fit(PhantomData, chunk), |chunk| answers(Made(query(chunk))), out)
    }

    fn name(&self) -> &'static str {
        "lookup"
    }

    fn packing(&self) -> Packing {
        Packing::Keeps
    }

    fn node(&self) -> Node {
        Node::operator("lookup", "lookup")
    }
}

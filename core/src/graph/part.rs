//! The graph of a part in `pipeline!`. A type that is not a part has an empty graph, because another error reports it.

use std::marker::PhantomData;

use super::Graph;

/// A part: stages without a source and a sink. `pipeline!` implements it.
pub trait Part {
    /// The number of the part's parameters.
    const TAKES: usize;

    /// The part's graph.
    fn drawn() -> Graph;
}

/// The graph of a part. Method resolution prefers this trait to [`DrawsNothing`]: it needs one reference less.
pub trait DrawsPart {
    /// The part's graph.
    fn drawn_or_empty(&self) -> Graph;
}

impl<P: Part> DrawsPart for PhantomData<P> {
    fn drawn_or_empty(&self) -> Graph {
        P::drawn()
    }
}

/// The empty graph of any other type.
pub trait DrawsNothing {
    /// An empty graph.
    fn drawn_or_empty(&self) -> Graph;
}

impl<P> DrawsNothing for &PhantomData<P> {
    fn drawn_or_empty(&self) -> Graph {
        Graph::of("", [])
    }
}

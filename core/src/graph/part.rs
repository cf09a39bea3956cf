//! How `pipeline!` draws a part: what is none is drawn as nothing, since another error speaks of it.

use std::marker::PhantomData;

use super::Graph;

/// What `pipeline!` makes of stages without source and sink.
pub trait Part {
    /// How many arguments it is given.
    const TAKES: usize;

    /// Its graph.
    fn drawn() -> Graph;
}

/// Of a part. The compiler tries this first: it needs one reference less.
pub trait DrawsPart {
    /// Its graph.
    fn draw_part(&self) -> Graph;
}

impl<P: Part> DrawsPart for PhantomData<P> {
    fn draw_part(&self) -> Graph {
        P::drawn()
    }
}

/// Of anything else.
pub trait DrawsNothing {
    /// An empty graph.
    fn draw_part(&self) -> Graph;
}

impl<P> DrawsNothing for &PhantomData<P> {
    fn draw_part(&self) -> Graph {
        Graph::of("", [])
    }
}

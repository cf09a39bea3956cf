//! `Collect`: the sink that keeps every item.

use super::Sink;
use crate::error::{Failure, Halt};
use crate::graph::Node;

/// Sink that gathers all items, for tests and for what is known to be small.
///
/// * Shape: any item; gives back all of them, in order.
/// * Memory: every item: it grows without end.
/// * End: what was gathered is given back. In a run that fails it is dropped.
/// * Error: none.
#[derive(Debug)]
#[must_use]
pub struct Collect<T> {
    items: Vec<T>,
}

impl<T> Collect<T> {
    /// An empty one.
    pub fn new() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T> Default for Collect<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Sink for Collect<T> {
    type In = T;
    type Output = Vec<T>;

    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.items.push(item);
        Ok(())
    }

    fn finish(self) -> Result<Vec<T>, Failure> {
        Ok(self.items)
    }

    fn node(&self) -> Node {
        Node::sink(self.name()).holding_in_words("every item")
    }
}

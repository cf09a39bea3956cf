//! `Collect`: the sink that keeps every item.

use super::Sink;
use crate::error::{Failure, Halt};
use crate::graph::Node;

/// A sink that collects all items, for tests and for small results.
///
/// * Shape: any item. The output is the vector of all items, in order.
/// * Memory: all items, without limit.
/// * End: the output. A failed run drops the items.
/// * Error: none.
#[derive(Debug)]
#[must_use]
pub struct Collect<T> {
    items: Vec<T>,
}

impl<T> Collect<T> {
    /// Creates an empty collection.
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

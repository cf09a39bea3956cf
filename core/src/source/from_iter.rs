//! `from_iter`: a source of the items of an iterator.

use std::fmt;

use super::{Progress, Source};
use crate::emit::Emit;
use crate::emit::items::TakeItems;
use crate::error::Halt;
use crate::graph::Node;

/// A source of the items of an iterator.
pub fn from_iter<I: IntoIterator>(items: I) -> FromIter<I::IntoIter> {
    FromIter { items: Some(items.into_iter()) }
}

/// Source of [`from_iter`].
///
/// * Shape: the items, in order.
/// * Memory: that of the iterator.
/// * End: when the iterator returns `None`. It is dropped then, and not called again.
/// * Error: none.
#[must_use]
pub struct FromIter<I> {
    items: Option<I>,
}

impl<I: Iterator> Source for FromIter<I> {
    type Item = I::Item;

    #[inline]
    fn advance(&mut self, out: &mut impl Emit<I::Item>) -> Result<Progress, Halt> {
        // A local variable while it is advanced, so that the compiler can keep its state in registers.
        let Some(mut items) = self.items.take() else { return Ok(Progress::Done) };
        let mut left = out.chunk();
        out.emit_items(TakeItems { items: &mut items, left: &mut left })?;
        if left > 0 {
            return Ok(Progress::Done);
        }
        self.items = Some(items);
        Ok(Progress::More)
    }

    fn remaining(&self) -> Option<u64> {
        let (least, most) = self.items.as_ref()?.size_hint();
        (most == Some(least)).then_some(least as u64)
    }

    fn name(&self) -> &'static str {
        "from_iter"
    }

    fn node(&self) -> Node {
        Node::source("from_iter").holding(0_u64)
    }
}

impl<I> fmt::Debug for FromIter<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromIter").finish_non_exhaustive()
    }
}

//! The two ways in which a run commits: once at its end, or every n items on its way.

use std::num::NonZeroUsize;

use crate::emit::items::Items;
use crate::error::Halt;
use crate::graph::Node;
use crate::run::CommitHooks;
use crate::sink::{Commit, Sink};

/// The way in which a run commits the work of its sink `K`: [`CommitOnce`] or [`CommitEvery`]. Sealed.
pub trait Committing<K: Sink>: sealed::Sealed {
    /// True if the sink commits before its end, so that stages add their hooks.
    #[doc(hidden)]
    const ON_THE_WAY: bool;

    /// Gives an item to the sink, and commits if that is due.
    #[doc(hidden)]
    fn consume(&mut self, sink: &mut K, item: K::In, hooks: &mut CommitHooks<'_>) -> Result<(), Halt>;

    /// Gives many items to the sink. A method, not a loop around `consume`, so that each run compiles one loop only: all of
    /// its stages are in it.
    #[doc(hidden)]
    fn consume_all(
        &mut self,
        sink: &mut K,
        items: impl Items<K::In>,
        hooks: &mut CommitHooks<'_>,
    ) -> Result<(), Halt>;

    /// Adds its clause to the node of the sink.
    #[doc(hidden)]
    fn draw(&self, node: Node) -> Node;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::CommitOnce {}
    impl Sealed for super::CommitEvery {}
}

/// The sink makes its work durable when it finishes.
#[derive(Debug)]
pub struct CommitOnce;

impl<K: Sink> Committing<K> for CommitOnce {
    const ON_THE_WAY: bool = false;

    #[inline]
    fn consume(&mut self, sink: &mut K, item: K::In, _: &mut CommitHooks<'_>) -> Result<(), Halt> {
        sink.consume(item)
    }

    #[inline]
    fn consume_all(
        &mut self,
        sink: &mut K,
        items: impl Items<K::In>,
        _: &mut CommitHooks<'_>,
    ) -> Result<(), Halt> {
        sink.consume_all(items)
    }

    fn draw(&self, node: Node) -> Node {
        node
    }
}

/// The sink commits after every n items: see [`Runnable::commit_every`](crate::Runnable::commit_every).
#[derive(Debug)]
pub struct CommitEvery {
    every: NonZeroUsize,
    /// Items since the last commit.
    open: usize,
}

impl CommitEvery {
    pub(super) fn new(every: NonZeroUsize) -> Self {
        Self { every, open: 0 }
    }
}

impl<K: Commit> Committing<K> for CommitEvery {
    const ON_THE_WAY: bool = true;

    #[inline]
    fn consume(&mut self, sink: &mut K, item: K::In, hooks: &mut CommitHooks<'_>) -> Result<(), Halt> {
        sink.consume(item)?;
        self.open += 1;
        if self.open >= self.every.get() {
            self.open = 0;
            hooks.commit()?;
            sink.commit()?;
        }
        Ok(())
    }

    #[inline]
    fn consume_all(
        &mut self,
        sink: &mut K,
        items: impl Items<K::In>,
        hooks: &mut CommitHooks<'_>,
    ) -> Result<(), Halt> {
        items.each(|item| self.consume(sink, item, hooks))
    }

    fn draw(&self, node: Node) -> Node {
        node.clause(format!("commit every({})", self.every))
    }
}

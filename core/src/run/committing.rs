//! The choice of commits: once at the end of the run, or every n items.

use std::num::NonZeroUsize;

use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::run::CommitHooks;
use crate::run::after_commit::AfterCommit;
use crate::sink::{Commit, Sink};

/// The commits of a run with the sink `K`: [`CommitOnce`] or [`CommitEvery`]. Sealed.
pub trait Committing<K: Sink>: sealed::Sealed {
    /// `true` if the sink commits during the run, so that stages add their hooks.
    #[doc(hidden)]
    const ON_THE_WAY: bool;

    /// Passes an item to the sink, and commits if a commit is due.
    #[doc(hidden)]
    fn consume(&mut self, sink: &mut K, item: K::In, hooks: &mut CommitHooks<'_>) -> Result<(), Halt>;

    /// Passes many items to the sink. It is a method and not a loop over `consume`, so that a run compiles one loop
    /// only, which contains all its stages.
    #[doc(hidden)]
    fn consume_all(
        &mut self,
        sink: &mut K,
        items: impl Items<K::In>,
        hooks: &mut CommitHooks<'_>,
    ) -> Result<(), Halt>;

    /// Called when the sink has finished.
    #[doc(hidden)]
    fn finished(&mut self) -> Result<(), Failure>;

    /// Adds the clauses for commits to the sink's node.
    #[doc(hidden)]
    fn draw(&self, node: Node) -> Node;
}

/// Commits that also call a hook `H` after each commit. Sealed.
pub trait AddHook<H>: sealed::Sealed {
    /// Adds the hook.
    type Hooked;

    #[doc(hidden)]
    fn add_hook(self, hook: H) -> Self::Hooked;
}

mod sealed {
    pub trait Sealed {}
    impl<A> Sealed for super::CommitOnce<A> {}
    impl<A> Sealed for super::CommitEvery<A> {}
}

/// The sink makes its work durable when it finishes. `A` are the hooks that are called then.
#[derive(Debug)]
pub struct CommitOnce<A = ()> {
    after: A,
}

impl CommitOnce {
    pub(super) fn new() -> Self {
        Self { after: () }
    }
}

impl<A> CommitOnce<A> {
    /// The same hooks, after every `every` items as well.
    pub(super) fn every(self, every: NonZeroUsize) -> CommitEvery<A> {
        CommitEvery { every, open: 0, after: self.after }
    }
}

impl<A, H> AddHook<H> for CommitOnce<A> {
    type Hooked = CommitOnce<(A, H)>;

    fn add_hook(self, hook: H) -> Self::Hooked {
        CommitOnce { after: (self.after, hook) }
    }
}

impl<K: Sink, A: AfterCommit<K::In>> Committing<K> for CommitOnce<A> {
    const ON_THE_WAY: bool = false;

    #[inline]
    fn consume(&mut self, sink: &mut K, item: K::In, _: &mut CommitHooks<'_>) -> Result<(), Halt> {
        self.after.consume(sink, item)
    }

    #[inline]
    fn consume_all(
        &mut self,
        sink: &mut K,
        items: impl Items<K::In>,
        _: &mut CommitHooks<'_>,
    ) -> Result<(), Halt> {
        self.after.consume_all(sink, items)
    }

    fn finished(&mut self) -> Result<(), Failure> {
        self.after.committed()
    }

    fn draw(&self, node: Node) -> Node {
        self.after.draw(node)
    }
}

/// The sink commits after every n items: see [`Runnable::commit_every`](crate::Runnable::commit_every). `A` are the
/// hooks that are called after each commit.
#[derive(Debug)]
pub struct CommitEvery<A = ()> {
    every: NonZeroUsize,
    /// The number of items since the last commit.
    open: usize,
    after: A,
}

impl<A, H> AddHook<H> for CommitEvery<A> {
    type Hooked = CommitEvery<(A, H)>;

    fn add_hook(self, hook: H) -> Self::Hooked {
        let Self { every, open, after } = self;
        CommitEvery { every, open, after: (after, hook) }
    }
}

impl<K: Commit, A: AfterCommit<K::In>> Committing<K> for CommitEvery<A> {
    const ON_THE_WAY: bool = true;

    #[inline]
    fn consume(&mut self, sink: &mut K, item: K::In, hooks: &mut CommitHooks<'_>) -> Result<(), Halt> {
        self.after.consume(sink, item)?;
        self.open += 1;
        if self.open >= self.every.get() {
            self.open = 0;
            hooks.commit()?;
            sink.commit()?;
            self.after.committed()?;
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

    fn finished(&mut self) -> Result<(), Failure> {
        self.after.committed()
    }

    fn draw(&self, node: Node) -> Node {
        self.after.draw(node.clause(format!("commit every({})", self.every)))
    }
}

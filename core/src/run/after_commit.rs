//! `after_commit`: hooks that a run calls after each commit of its sink.

use std::fmt;

use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::sink::Sink;

/// The hooks of a run after a commit: `()` for none, and pairs for several. Sealed.
///
/// A hook sees each item before the sink takes it, and is called again once the sink has taken it.
pub trait AfterCommit<T>: sealed::Sealed {
    /// The copy that a hook keeps of an item while the sink takes it.
    #[doc(hidden)]
    type Key;

    #[doc(hidden)]
    fn key(&mut self, item: &T) -> Self::Key;

    /// Called when the sink has taken the item with that key.
    #[doc(hidden)]
    fn taken(&mut self, key: Self::Key);

    /// Called when the sink has committed.
    #[doc(hidden)]
    fn committed(&mut self) -> Result<(), Failure>;

    #[doc(hidden)]
    fn draw(&self, node: Node) -> Node;

    /// Passes an item to the sink.
    #[doc(hidden)]
    #[inline]
    fn consume<K: Sink<In = T>>(&mut self, sink: &mut K, item: T) -> Result<(), Halt> {
        let key = self.key(&item);
        sink.consume(item)?;
        self.taken(key);
        Ok(())
    }

    /// Passes many items to the sink. It is a method, so that a run without hooks compiles only the sink's loop.
    #[doc(hidden)]
    #[inline]
    fn consume_all<K: Sink<In = T>>(&mut self, sink: &mut K, items: impl Items<T>) -> Result<(), Halt> {
        items.each(|item| self.consume(sink, item))
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl<A, B> Sealed for (A, B) {}
    impl<F> Sealed for super::CountCommitted<F> {}
    impl<G, A, F> Sealed for super::LastCommitted<G, A, F> {}
}

/// No hook.
impl<T> AfterCommit<T> for () {
    type Key = ();

    #[inline]
    fn key(&mut self, _: &T) {}

    #[inline]
    fn taken(&mut self, (): ()) {}

    #[inline]
    fn committed(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn draw(&self, node: Node) -> Node {
        node
    }

    #[inline]
    fn consume<K: Sink<In = T>>(&mut self, sink: &mut K, item: T) -> Result<(), Halt> {
        sink.consume(item)
    }

    #[inline]
    fn consume_all<K: Sink<In = T>>(&mut self, sink: &mut K, items: impl Items<T>) -> Result<(), Halt> {
        sink.consume_all(items)
    }
}

/// The hooks of the first, then those of the second.
impl<T, A: AfterCommit<T>, B: AfterCommit<T>> AfterCommit<T> for (A, B) {
    type Key = (A::Key, B::Key);

    fn key(&mut self, item: &T) -> Self::Key {
        (self.0.key(item), self.1.key(item))
    }

    fn taken(&mut self, (first, second): Self::Key) {
        self.0.taken(first);
        self.1.taken(second);
    }

    fn committed(&mut self) -> Result<(), Failure> {
        self.0.committed()?;
        self.1.committed()
    }

    fn draw(&self, node: Node) -> Node {
        self.1.draw(self.0.draw(node))
    }
}

/// Hook of [`Runnable::after_commit`](crate::Runnable::after_commit).
pub struct CountCommitted<F> {
    /// The number of items since the last commit.
    open: u64,
    hook: F,
}

impl<F> CountCommitted<F> {
    pub(super) fn new(hook: F) -> Self {
        Self { open: 0, hook }
    }
}

impl<T, F: FnMut(u64) -> Result<(), Failure>> AfterCommit<T> for CountCommitted<F> {
    type Key = ();

    fn key(&mut self, _: &T) {}

    fn taken(&mut self, (): ()) {
        self.open += 1;
    }

    fn committed(&mut self) -> Result<(), Failure> {
        match std::mem::take(&mut self.open) {
            0 => Ok(()),
            items => (self.hook)(items).map_err(blamed),
        }
    }

    fn draw(&self, node: Node) -> Node {
        node.clause(NAME)
    }
}

/// Hook of [`Runnable::after_commit_of`](crate::Runnable::after_commit_of).
pub struct LastCommitted<G, A, F> {
    key_of: G,
    /// The key of the last item since the last commit.
    last: Option<A>,
    hook: F,
}

impl<G, A, F> LastCommitted<G, A, F> {
    pub(super) fn new(key_of: G, hook: F) -> Self {
        Self { key_of, last: None, hook }
    }
}

impl<T, G, A, F> AfterCommit<T> for LastCommitted<G, A, F>
where
    G: FnMut(&T) -> A,
    F: FnMut(A) -> Result<(), Failure>,
{
    type Key = A;

    fn key(&mut self, item: &T) -> A {
        (self.key_of)(item)
    }

    fn taken(&mut self, key: A) {
        self.last = Some(key);
    }

    fn committed(&mut self) -> Result<(), Failure> {
        match self.last.take() {
            None => Ok(()),
            Some(key) => (self.hook)(key).map_err(blamed),
        }
    }

    fn draw(&self, node: Node) -> Node {
        node.clause(NAME)
    }
}

/// The name of a hook in errors.
const NAME: &str = "after_commit";

fn blamed(mut failure: Failure) -> Failure {
    failure.blame(NAME);
    failure
}

impl<F> fmt::Debug for CountCommitted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountCommitted").field("open", &self.open).finish_non_exhaustive()
    }
}

impl<G, A, F> fmt::Debug for LastCommitted<G, A, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastCommitted").field("is_open", &self.last.is_some()).finish_non_exhaustive()
    }
}

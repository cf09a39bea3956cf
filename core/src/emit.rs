//! Where a stage hands on what it makes.

use crate::error::Halt;

/// Takes the items that a source or a stage hands on.
///
/// A stage never sees what is behind it: the next stage, the sink, or a boxed edge to them.
pub trait Emit<T> {
    /// Hands `item` on.
    ///
    /// # Errors
    ///
    /// [`Halt::Stop`] when nobody downstream wants more items: pass it on with `?`, and be ready to hear it again when
    /// asked to finish. [`Halt::Failed`] when a later stage failed.
    fn emit(&mut self, item: T) -> Result<(), Halt>;
}

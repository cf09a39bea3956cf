//! The trait `Emit`, through which a stage passes items to the next stage.

pub(crate) mod items;
pub(crate) mod pieces;

use crate::emit::items::{Items, IterItems};
use crate::error::Halt;
use crate::source::Chunk;

/// The receiver of the items of a source or stage.
///
/// A stage does not know what is behind it: the next stage, the sink, or a boxed edge.
pub trait Emit<T> {
    /// Emits `item`.
    ///
    /// # Errors
    ///
    /// [`Halt::Stop`] if later stages need no more items: return it with `?`, and expect it again in `finish`.
    /// [`Halt::Failed`] if a later stage failed.
    fn emit(&mut self, item: T) -> Result<(), Halt>;

    /// Emits each of `items`, in order, like a loop over [`emit`](Emit::emit). It is often faster, because the stages
    /// behind become one loop with their state in registers.
    ///
    /// ```
    /// # use syncline_core::{Collect, Emit, Halt, Pipeline, Stage, from_iter};
    /// /// Emits the letters of words.
    /// struct Letters;
    ///
    /// impl Stage for Letters {
    ///     type In = &'static str;
    ///     type Out = char;
    ///
    ///     fn push(&mut self, word: &'static str, out: &mut impl Emit<char>) -> Result<(), Halt> {
    ///         out.emit_all(word.chars())
    ///     }
    /// }
    ///
    /// let outcome = Pipeline::new("letters", from_iter(["ab", "", "c"])).pipe(Letters).end(Collect::new()).run()?;
    /// assert_eq!(outcome.output, ['a', 'b', 'c']);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`emit`](Emit::emit), for the first item that is not taken. No further items are taken from `items` then.
    #[inline]
    fn emit_all<I: IntoIterator<Item = T>>(&mut self, items: I) -> Result<(), Halt>
    where
        Self: Sized,
    {
        self.emit_items(IterItems(items.into_iter()))
    }

    /// [`emit_all`](Emit::emit_all) for the items that [`push_all`](crate::Stage::push_all) receives.
    ///
    /// # Errors
    ///
    /// As for [`emit_all`](Emit::emit_all).
    #[inline]
    fn emit_items(&mut self, items: impl Items<T>) -> Result<(), Halt>
    where
        Self: Sized,
    {
        items.each(|item| self.emit(item))
    }

    /// [`emit_items`](Emit::emit_items) for a stage that emits [exactly one](crate::Yield::One) item for each item:
    /// their number is known, so they are not counted.
    ///
    /// # Errors
    ///
    /// As for [`emit_all`](Emit::emit_all).
    #[inline]
    fn emit_one_for_each(&mut self, items: impl Items<T>) -> Result<(), Halt>
    where
        Self: Sized,
    {
        self.emit_items(items)
    }

    /// Passes on that the source rests between two chunks: see [`Stage::tick`](crate::Stage::tick). The run calls it
    /// after the stage's own `tick`.
    ///
    /// # Errors
    ///
    /// As for [`emit`](Emit::emit).
    fn tick(&mut self) -> Result<(), Halt> {
        Ok(())
    }

    /// Fails if the run was cancelled. A source or stage that emits many items in one call may call it between them.
    ///
    /// # Errors
    ///
    /// If the run was cancelled.
    fn check(&mut self) -> Result<(), Halt> {
        Ok(())
    }

    /// Returns `true` if the run [drains](crate::CancelToken::drain): its source is stopped.
    fn is_draining(&self) -> bool {
        false
    }

    /// Called by a source that is about to block, for example in a read from a pipe: stages emit the items that they
    /// process on other threads, and wait for them. See [`Stage::before_blocking`](crate::Stage::before_blocking).
    ///
    /// # Errors
    ///
    /// As for [`emit`](Emit::emit).
    fn before_blocking(&mut self) -> Result<(), Halt> {
        Ok(())
    }

    /// The number of items that a source should emit in one [`advance`](crate::Source::advance): 256, and fewer if its
    /// items take long. Between two advances a run heeds its token, its observer and its timed buffers.
    fn chunk(&self) -> usize {
        Chunk::MOST
    }

    /// Returns `true` if the sink still takes items. At the end, held items are not offered to a sink that takes none.
    fn wants_more(&self) -> bool {
        true
    }

    /// Returns `true` if a later stage takes no items at all. The run then ends without a call of the source.
    fn is_shut(&self) -> bool {
        false
    }
}

/// A receiver that takes nothing, for a `finish` with no stage behind it.
pub(crate) struct Closed;

impl<T> Emit<T> for Closed {
    fn emit(&mut self, _: T) -> Result<(), Halt> {
        Err(Halt::Stop)
    }

    fn wants_more(&self) -> bool {
        false
    }
}

/// A receiver of the items of a source that drains.
pub(crate) struct Draining<'a, O>(pub(crate) &'a mut O);

impl<T, O: Emit<T>> Emit<T> for Draining<'_, O> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        self.0.emit(item)
    }

    fn emit_items(&mut self, items: impl Items<T>) -> Result<(), Halt> {
        self.0.emit_items(items)
    }

    fn tick(&mut self) -> Result<(), Halt> {
        self.0.tick()
    }

    fn check(&mut self) -> Result<(), Halt> {
        self.0.check()
    }

    fn is_draining(&self) -> bool {
        true
    }

    fn before_blocking(&mut self) -> Result<(), Halt> {
        self.0.before_blocking()
    }

    fn wants_more(&self) -> bool {
        self.0.wants_more()
    }

    fn is_shut(&self) -> bool {
        self.0.is_shut()
    }
}

/// A receiver for held items at the end, whose sink may need no more.
pub(crate) struct UntilFull<'a, O>(pub(crate) &'a mut O);

impl<T, O: Emit<T>> Emit<T> for UntilFull<'_, O> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        if self.0.wants_more() { self.0.emit(item) } else { Err(Halt::Stop) }
    }

    fn check(&mut self) -> Result<(), Halt> {
        self.0.check()
    }

    fn is_draining(&self) -> bool {
        self.0.is_draining()
    }

    fn before_blocking(&mut self) -> Result<(), Halt> {
        self.0.before_blocking()
    }

    fn tick(&mut self) -> Result<(), Halt> {
        self.0.tick()
    }

    fn wants_more(&self) -> bool {
        self.0.wants_more()
    }

    fn is_shut(&self) -> bool {
        self.0.is_shut()
    }
}

//! Where a stage hands on what it makes.

pub(crate) mod items;

use crate::emit::items::{Items, Of};
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

    /// Hands on each of `items`, in order: what a loop over [`emit`](Emit::emit) does, and often faster, since the stages
    /// behind become one loop with their state in registers.
    ///
    /// ```
    /// # use syncline_core::{Collect, Emit, Halt, Pipeline, Stage, from_iter};
    /// /// Hands on the letters of words.
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
    /// As for [`emit`](Emit::emit), of the first item that is not taken. No more of `items` are asked for then.
    #[inline]
    fn emit_all<I: IntoIterator<Item = T>>(&mut self, items: I) -> Result<(), Halt>
    where
        Self: Sized,
    {
        self.emit_items(Of(items.into_iter()))
    }

    /// [`emit_all`](Emit::emit_all) for items on their way from an earlier stage, as [`push_all`](crate::Stage::push_all)
    /// gets them.
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

    /// [`emit_items`](Emit::emit_items) for a stage that hands on [exactly one](crate::Yield::One) item for each that it
    /// takes: their number is known, so the items are not counted.
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

    /// Tells the stages behind that the source rests between two chunks: see [`Stage::tick`](crate::Stage::tick). The run
    /// calls it, after the stage's own `tick`.
    ///
    /// # Errors
    ///
    /// As for [`emit`](Emit::emit).
    fn tick(&mut self) -> Result<(), Halt> {
        Ok(())
    }

    /// True if the sink still takes items. The run does not offer what stages hold at the end to a sink that takes no more.
    fn wants_more(&self) -> bool {
        true
    }

    /// True if a stage behind takes no item at all. The run then ends without asking the source for its first item.
    fn is_shut(&self) -> bool {
        false
    }
}

/// Takes nothing: for those who are to finish, and have nobody left to hand on to.
pub(crate) struct Nobody;

impl<T> Emit<T> for Nobody {
    fn emit(&mut self, _: T) -> Result<(), Halt> {
        Err(Halt::Stop)
    }

    fn wants_more(&self) -> bool {
        false
    }
}

/// Hands on what stages hold at the end, to a sink that may have had enough.
pub(crate) struct Last<'a, O>(pub(crate) &'a mut O);

impl<T, O: Emit<T>> Emit<T> for Last<'_, O> {
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        if self.0.wants_more() { self.0.emit(item) } else { Err(Halt::Stop) }
    }

    fn tick(&mut self) -> Result<(), Halt> {
        self.0.tick()
    }

    fn wants_more(&self) -> bool {
        self.0.wants_more()
    }
}

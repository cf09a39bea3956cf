//! Facts about a stage that hold for all of its items.

/// Facts about a stage that hold for all of its items. Reports use them, and the run skips work that they make
/// unnecessary.
///
/// ```
/// use syncline_core::{Chunking, StageFacts, Yield};
///
/// /// Emits one chunk for each chunk, with fewer items in it.
/// const FACTS: StageFacts = StageFacts::new().yields(Yield::One);
/// /// Collects items into chunks.
/// const GATHERING: StageFacts = StageFacts::new().chunking(Chunking::Gathers);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageFacts {
    pub(crate) yields: Yield,
    pub(crate) chunking: Chunking,
    pub(crate) is_shown: bool,
}

impl StageFacts {
    /// The facts about an unknown stage: it emits any number of items, of any kind.
    #[must_use]
    pub const fn new() -> Self {
        Self { yields: Yield::Any, chunking: Chunking::Other, is_shown: true }
    }

    /// Sets the number of items that the stage emits for each item.
    #[must_use]
    pub const fn yields(self, yields: Yield) -> Self {
        Self { yields, ..self }
    }

    /// Sets the effect of the stage on chunks.
    #[must_use]
    pub const fn chunking(self, chunking: Chunking) -> Self {
        Self { chunking, ..self }
    }

    /// The facts about a stage that `pipeline!` adds, so that reports and graphs do not show it.
    pub(crate) const fn hidden(self) -> Self {
        Self { is_shown: false, ..self }
    }

    /// The facts about the same stage with a policy, which may leave out any item.
    pub(crate) const fn leaving_out(self) -> Self {
        match self.yields {
            Yield::One => self.yields(Yield::AtMostOne),
            Yield::AtMostOne | Yield::Any => self,
        }
    }
}

impl Default for StageFacts {
    fn default() -> Self {
        Self::new()
    }
}

/// The number of items that a stage emits for each item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yield {
    /// Exactly one. The run does not count the items behind such a stage.
    One,
    /// One or none. The report counts the difference as filtered.
    AtMostOne,
    /// Any number, now or later.
    Any,
}

/// The effect of a stage on chunks. Reports use it to compute the number of items in chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunking {
    /// It collects items into chunks. [`Stage::held`](crate::Stage::held) returns the number of items in the next
    /// chunk.
    Gathers,
    /// It splits chunks into items.
    TakesApart,
    /// It passes chunks on unchanged.
    Keeps,
    /// It emits something else. If it emits a `Vec` for a chunk, that counts as a chunk with an unknown number of
    /// items.
    Other,
}

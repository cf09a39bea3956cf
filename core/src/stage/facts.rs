//! Facts about a stage: what holds for all items, whatever they are.

/// Facts about a stage that hold for all of its items. Reports rely on them, and the run leaves out work that they make
/// unnecessary.
///
/// ```
/// use syncline_core::{Chunking, StageFacts, Yield};
///
/// /// Hands on one chunk for each that it takes, with fewer items in it.
/// const FACTS: StageFacts = StageFacts::new().yields(Yield::One);
/// /// Gathers items into chunks.
/// const GATHERING: StageFacts = StageFacts::new().chunking(Chunking::Gathers);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageFacts {
    pub(crate) yields: Yield,
    pub(crate) chunking: Chunking,
    pub(crate) is_shown: bool,
}

impl StageFacts {
    /// The facts about a stage of which nothing is known: it hands on any number of items, of whatever kind.
    #[must_use]
    pub const fn new() -> Self {
        Self { yields: Yield::Any, chunking: Chunking::Other, is_shown: true }
    }

    /// Says how many items the stage hands on for each that it takes.
    #[must_use]
    pub const fn yields(self, yields: Yield) -> Self {
        Self { yields, ..self }
    }

    /// Says what the stage does to chunks.
    #[must_use]
    pub const fn chunking(self, chunking: Chunking) -> Self {
        Self { chunking, ..self }
    }

    /// The facts about a stage that reports and graphs leave out: `pipeline!` adds it, not the user.
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

/// How many items a stage hands on for each that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yield {
    /// Exactly one. The run does not count the items behind such a stage.
    One,
    /// One or none. The report counts what is missing as filtered.
    AtMostOne,
    /// Any number, now or later.
    Any,
}

/// What a stage does to chunks. Reports follow it, to say how many items travel in chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunking {
    /// It gathers items into chunks, and says with [`Stage::held`](crate::Stage::held) how many it has for the next.
    Gathers,
    /// It takes chunks apart.
    TakesApart,
    /// It hands on the chunks that it takes, as they are.
    Keeps,
    /// It makes something else. A `Vec` that it makes of a chunk counts as a chunk with an unknown number of items.
    Other,
}

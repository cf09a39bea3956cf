//! The lists of deletions, and ranges of their ids.

/// A list in which an app writes down what it deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionList {
    /// `morango_deletedmodels`: all that was deleted.
    Deleted,
    /// `morango_harddeletedmodels`: what is to be forgotten everywhere, with its content.
    HardDeleted,
}

impl DeletionList {
    /// The table.
    #[must_use]
    pub fn table(self) -> &'static str {
        match self {
            Self::Deleted => "morango_deletedmodels",
            Self::HardDeleted => "morango_harddeletedmodels",
        }
    }

    /// The column of the store that marks a row as this list asks for.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::HardDeleted => "hard_deleted",
        }
    }
}

/// A range of the ids on the lists of deletions. What is hard deleted is to be wiped in the transaction that marks it as
/// deleted and counts it, so both lists are read by the same ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdRange {
    /// The id before the first one, if some come before it.
    pub after: Option<String>,
    /// The last one, if more come behind it.
    pub up_to: Option<String>,
}

impl IdRange {
    /// All ids.
    pub const ALL: Self = Self { after: None, up_to: None };

    /// `true` if no ids come behind it.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.up_to.is_none()
    }

    /// `true` if it has all ids.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::ALL
    }
}

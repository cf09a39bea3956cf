//! The lists of deletions, and ranges of their ids.

/// A list in which an app records deletions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionList {
    /// `morango_deletedmodels`: all deleted records.
    Deleted,
    /// `morango_harddeletedmodels`: the records whose content is to be erased everywhere.
    HardDeleted,
}

impl DeletionList {
    /// The name of the table.
    #[must_use]
    pub fn table(self) -> &'static str {
        match self {
            Self::Deleted => "morango_deletedmodels",
            Self::HardDeleted => "morango_harddeletedmodels",
        }
    }

    /// The column of the store that marks a row as deleted or hard deleted.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::HardDeleted => "hard_deleted",
        }
    }
}

/// A range of ids on the lists of deletions. Both lists are read by the same ranges, because a hard deleted record must
/// be erased in the transaction that marks it as deleted and counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdRange {
    /// The id before the first one, or `None` if the range begins with the first id of the list.
    pub after: Option<String>,
    /// The last id, or `None` if the range ends with the last id of the list.
    pub up_to: Option<String>,
}

impl IdRange {
    /// All ids.
    pub const ALL: Self = Self { after: None, up_to: None };

    /// Returns `true` if no ids follow the range.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.up_to.is_none()
    }

    /// Returns `true` if the range contains all ids.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::ALL
    }
}

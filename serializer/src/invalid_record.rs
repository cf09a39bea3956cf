//! The reasons for which a record cannot be written.

use crate::record_id::RecordId;
use crate::value::InvalidValue;

/// Why a record cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRecord {
    /// Its model declares no partition.
    #[error(
        "its model declares no partition: add `partition = \"..\"`, or insert it with an identity of its own"
    )]
    NoPartition,
    /// A field holds what its column cannot.
    #[error("its `{column}` cannot be stored")]
    Field {
        /// The column.
        column: &'static str,
        /// What is wrong.
        source: InvalidValue,
    },
    /// A column that its partition or source id is made of is `NULL`.
    #[error("`{column}` is missing, and its identity is made of it")]
    Missing {
        /// The column.
        column: &'static str,
    },
    /// A column that its partition or source id is made of holds something else than text or an integer.
    #[error("`{column}` is neither text nor an integer, and its identity is made of it")]
    Unfit {
        /// The column.
        column: &'static str,
    },
    /// Its source id or partition is empty.
    #[error("its {what} is empty")]
    Empty {
        /// Which of them.
        what: &'static str,
    },
    /// Its source id or partition does not fit Morango's column.
    #[error("its {what} has {length} characters, and at most {longest} fit")]
    TooLong {
        /// Which of them.
        what: &'static str,
        /// How many characters it has.
        length: usize,
        /// How many fit.
        longest: usize,
    },
    /// Its source id or partition has a NUL in it, for which PostgreSQL has no room.
    #[error("its {what} has a NUL character, which not every peer can store")]
    Nul {
        /// Which of them.
        what: &'static str,
    },
    /// A reference names a record that was not inserted.
    #[error("`{column}` refers to a record that has no id yet: insert that one first")]
    RefersToNobody {
        /// The column.
        column: &'static str,
    },
    /// The column that tells its model from others of the same table says that it is of another.
    #[error("`{column}` is not `{value}`, as in every record of its model")]
    AnotherModel {
        /// The column.
        column: &'static str,
        /// What it would have to hold.
        value: &'static str,
    },
    /// It has an id already, and that does not follow from its fields.
    #[error("its id does not follow from its fields, which make {expected}: set it to `RecordId::NEW`")]
    AnotherId {
        /// The id that follows from them.
        expected: RecordId,
    },
    /// It has an id already, and nobody knows what that was made of.
    #[error(
        "it has an id already, and what that was made of is not known: set it to `RecordId::NEW`, or insert it with the \
         identity that it had"
    )]
    UnknownIdentity,
    /// The sync store knows the record of its id as another one, and no peer would see it move.
    #[error(
        "the sync store has it as a `{model}` in the partition `{partition}`, made of the source id `{source_id}`, and that \
         it stays: insert it with these, or with another id"
    )]
    KnownOtherwise {
        /// The model that it is of in the store.
        model: String,
        /// What its id was made of.
        source_id: String,
        /// Where it is.
        partition: String,
    },
    /// It has no id, so it was never inserted.
    #[error("it has no id yet: insert it first")]
    NotInserted,
    /// It would have to move to another partition.
    #[error("`{column}` is part of its partition, in which a record stays: delete it, and insert it anew")]
    Moves {
        /// The column.
        column: &'static str,
    },
}

//! The reasons for which a record cannot be written.

use crate::received::Failure;
use crate::record_id::RecordId;
use crate::value::InvalidValue;

/// The reason why a record cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRecord {
    /// The model declares no partition.
    #[error(
        "its model declares no partition: add `partition = \"..\"`, or insert it with an identity of its own"
    )]
    NoPartition,
    /// The column cannot hold the field's value.
    #[error("its `{column}` cannot be stored")]
    Field {
        /// The column.
        column: &'static str,
        /// The reason.
        source: InvalidValue,
    },
    /// A rule of the declaration refuses the record. The text is that of a received record.
    #[error("a rule refuses it: {0}")]
    Refused(Box<Failure>),
    /// A column of the record's partition or source id is `NULL`.
    #[error("`{column}` is `None`, but the record's identity is computed from it")]
    Missing {
        /// The column.
        column: &'static str,
    },
    /// A column of the record's partition or source id holds neither text nor an integer.
    #[error("`{column}` is neither text nor an integer, but the record's identity is computed from it")]
    Unfit {
        /// The column.
        column: &'static str,
    },
    /// The record's source id or partition is empty.
    #[error("its {what} is empty")]
    Empty {
        /// `source id` or `partition`.
        what: &'static str,
    },
    /// The record's source id or partition is too long for Morango's column.
    #[error("its {what} has {length} characters, and at most {longest} fit")]
    TooLong {
        /// `source id` or `partition`.
        what: &'static str,
        /// The number of characters.
        length: usize,
        /// The largest number of characters.
        longest: usize,
    },
    /// The record's source id or partition contains a NUL, which PostgreSQL cannot store.
    #[error("its {what} has a NUL character, which not every peer can store")]
    Nul {
        /// `source id` or `partition`.
        what: &'static str,
    },
    /// A reference names a record that has no id yet.
    #[error("`{column}` refers to a record that has no id yet: insert that one first")]
    EmptyReference {
        /// The column.
        column: &'static str,
    },
    /// The discriminator has the value of another model.
    #[error("`{column}` must be `{value}`, as in every record of its model")]
    AnotherModel {
        /// The column.
        column: &'static str,
        /// The value of the record's model.
        value: &'static str,
    },
    /// The record's id does not match its fields.
    #[error("its id does not match its fields, which give {expected}: set it to `RecordId::NEW`")]
    AnotherId {
        /// The id that matches the fields.
        expected: RecordId,
    },
    /// The record has an id, but the source id that it was computed from is unknown.
    #[error(
        "it has an id, but the source id of that is not known: set the id to `RecordId::NEW`, or insert it with the \
         identity that it had"
    )]
    UnknownIdentity,
    /// The sync store has the record's id with another partition, source id or model.
    #[error(
        "the sync store has it as a `{model}` in the partition `{partition}` with the source id `{source_id}`, which \
         never change: insert it with these, or with another id"
    )]
    ContradictsStore {
        /// The model in the store.
        model: String,
        /// The source id in the store.
        source_id: String,
        /// The partition in the store.
        partition: String,
    },
    /// The record has no id yet.
    #[error("it has no id yet: insert it first")]
    NotInserted,
    /// The record would move to another partition.
    #[error(
        "`{column}` is a part of its partition, which never changes: delete the record, and insert it again"
    )]
    Moves {
        /// The column.
        column: &'static str,
    },
}

//! Who a record is: its id, and what that is made of (morango.md §1.3, §1.4).

use crate::error::DatabaseError;
use crate::model::{Model, Syncable};
use crate::record_id::RecordId;
use crate::store::schema::ID;
use crate::template::{OWN_ID, Template};
use crate::value::{InvalidValue, StoredValue};

/// Morango's columns for these hold so many characters, and PostgreSQL counts them.
pub(crate) const LONGEST_SOURCE_ID: usize = 96;
pub(crate) const LONGEST_PARTITION: usize = 128;

/// A record's id, and the two texts that it follows from. They never change.
///
/// [`Access::insert`](crate::Access::insert) works it out from what the model declares. Where a model declares no partition, or a
/// record is to have another, [`derive`](Self::derive) makes one for [`Access::insert_as`](crate::Access::insert_as).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The record's id.
    pub id: RecordId,
    /// What tells it from other records of its model and partition: random, or made of what the record is about, so that two
    /// machines that make the same record make one.
    pub source_id: String,
    /// Its place in the tree of permissions.
    pub partition: String,
}

impl Identity {
    /// That of the record of model `M` which `source_id` makes in `partition` (morango.md §1.3). In `partition` the record's
    /// own id is written `${id}`.
    ///
    /// # Errors
    ///
    /// When either is empty, or longer than Morango's columns for it, or has a NUL in it.
    ///
    /// ```
    /// # use syncline_serializer::{Identity, InvalidRecord, Syncable};
    /// fn of_user<User: Syncable>(name: &str) -> Result<Identity, InvalidRecord> {
    ///     Identity::derive::<User>("d1:user-ro:${id}", name)
    /// }
    /// ```
    pub fn derive<M: Syncable>(partition: &str, source_id: impl Into<String>) -> Result<Self, InvalidRecord> {
        let source_id = source_id.into();
        let id = RecordId::derive(partition, &source_id, M::NAME);
        Self { id, source_id, partition: partition.to_owned() }.in_place()
    }

    /// That of `record`, as its model declares it. Where the source id is random, each call makes another; where the app
    /// chooses the ids, and the record has none yet, so does this.
    ///
    /// # Errors
    ///
    /// When the model declares no partition, or a field that goes into it, or into the source id, is missing. (That a model
    /// declares one is no bound here, for code about all models of a profile.)
    pub fn of<M: Syncable>(record: &M) -> Result<Self, InvalidRecord> {
        let partition = partition(record)?.ok_or(InvalidRecord::NoPartition)?;
        let chosen = M::MODEL.source_id.as_ref().is_some_and(Template::is_own_id);
        if chosen {
            let id = if record.record_id().is_new() { RecordId::random() } else { record.record_id() };
            return Self { id, source_id: id.to_string(), partition }.in_place();
        }
        match &M::MODEL.source_id {
            Some(template) => Self::derive::<M>(&partition, fill(template, record)?),
            None => Self::derive::<M>(&partition, RecordId::random().as_str()),
        }
    }

    /// That of `record`, whose source id is known: that which it was made with. For models whose ids the app chooses, take
    /// [`of`](Self::of).
    ///
    /// # Errors
    ///
    /// As for [`of`](Self::of), and when `source_id` is none.
    pub fn with_source_id<M: Syncable>(
        record: &M,
        source_id: impl Into<String>,
    ) -> Result<Self, InvalidRecord> {
        let partition = partition(record)?.ok_or(InvalidRecord::NoPartition)?;
        Self::derive::<M>(&partition, source_id)
    }

    /// Puts the id into the partition.
    fn in_place(mut self) -> Result<Self, InvalidRecord> {
        self.partition = self.partition.replace(OWN_ID, self.id.as_str());
        self.check()?;
        Ok(self)
    }

    /// Looks whether every peer could take it.
    pub(crate) fn check(&self) -> Result<(), InvalidRecord> {
        fits("source id", &self.source_id, LONGEST_SOURCE_ID)?;
        fits("partition", &self.partition, LONGEST_PARTITION)
    }
}

fn fits(what: &'static str, text: &str, longest: usize) -> Result<(), InvalidRecord> {
    match text.chars().count() {
        0 => Err(InvalidRecord::Empty { what }),
        length if length > longest => Err(InvalidRecord::TooLong { what, length, longest }),
        _ if text.contains('\0') => Err(InvalidRecord::Nul { what }),
        _ => Ok(()),
    }
}

/// The partition that `record` has by what its model declares, with `${id}` for its own id; `None` where that is nothing.
pub(crate) fn partition<M: Syncable>(record: &M) -> Result<Option<String>, InvalidRecord> {
    let Model { partition, partition_without, .. } = M::MODEL;
    let without = match partition_without {
        Some((column, template)) if column_of(record, column)? == StoredValue::Null => Some(template),
        _ => None,
    };
    match (without, partition) {
        (Some(template), _) | (None, Some(template)) => fill(template, record).map(Some),
        (None, None) => Ok(None),
    }
}

fn fill<M: Syncable>(template: &Template, record: &M) -> Result<String, InvalidRecord> {
    template.fill(|column| column_of(record, column))
}

/// What the column `name` is to hold for `record`.
fn column_of<'r, M: Syncable>(record: &'r M, name: &'static str) -> Result<StoredValue<'r>, InvalidRecord> {
    let position = M::MODEL.all_columns().position(|column| column.name == name);
    match position.and_then(|position| record.stored(position)) {
        Some(value) => value.map_err(|source| InvalidRecord::Field { column: name, source }),
        None => Ok(StoredValue::Null),
    }
}

/// Looks whether what `record` refers to has an id, and whether it says itself that it is of its model.
pub(crate) fn is_complete<M: Syncable>(record: &M) -> Result<(), InvalidRecord> {
    for column in M::MODEL.all_columns() {
        let value = column_of(record, column.name)?;
        if column.name != ID
            && !column.references.is_empty()
            && matches!(&value, StoredValue::Text(text) if text == RecordId::NEW.as_str())
        {
            return Err(InvalidRecord::RefersToNobody { column: column.name });
        }
        if let Some(discriminator) = M::MODEL.discriminator
            && discriminator.column == column.name
            && !matches!(&value, StoredValue::Text(text) if text == discriminator.value)
        {
            return Err(InvalidRecord::AnotherModel {
                column: discriminator.column,
                value: discriminator.value,
            });
        }
    }
    Ok(())
}

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

impl InvalidRecord {
    /// Adds which record it is about.
    pub(crate) fn of<M: Syncable>(self, record: &M) -> DatabaseError {
        let id = record.record_id();
        let record = if id.is_new() { "a new record".to_owned() } else { format!("record `{id}`") };
        DatabaseError::InvalidRecord { model: M::NAME, record, source: self }
    }
}

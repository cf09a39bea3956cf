//! The identity of a record: its id, and the source id and partition that the id is a hash of (morango.md §1.3, §1.4).

use crate::invalid_record::InvalidRecord;
use crate::model::columns::ID;
use crate::model::{Model, OWN_ID, Syncable, Template};
use crate::record_id::RecordId;
use crate::value::{Check, StoredValue};

/// The size of Morango's column for a source id, in characters. PostgreSQL enforces it.
pub const LONGEST_SOURCE_ID: usize = 96;

/// The size of Morango's column for a partition, in characters. PostgreSQL enforces it.
pub const LONGEST_PARTITION: usize = 128;

/// The checks on a source id in a table.
pub const SOURCE_ID_CHECKS: [Check; 3] = [Check::Text, Check::Longest(LONGEST_SOURCE_ID), Check::NoNul];

/// The checks on a partition in a table.
pub const PARTITION_CHECKS: [Check; 3] = [Check::Text, Check::Longest(LONGEST_PARTITION), Check::NoNul];

/// A record's id, source id and partition. They never change.
///
/// `Access::insert` derives the identity from the model's declaration. If a model declares no partition, or a record
/// needs another one, [`derive`](Self::derive) creates an identity for `Access::insert_as`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The id of the record.
    pub id: RecordId,
    /// The text that distinguishes the record from others with the same model and partition. It is random, or built
    /// from the record's fields. If it is built from fields, two machines that create the same record create one
    /// record.
    pub source_id: String,
    /// The position of the record in the tree of permissions.
    pub partition: String,
}

impl Identity {
    /// Derives the identity of a record of model `M`. The id is a hash of `partition` and `source_id` (morango.md
    /// §1.3). In `partition`, `${id}` stands for the record's own id.
    ///
    /// # Errors
    ///
    /// If one of them is empty, longer than Morango's column for it, or contains a NUL.
    ///
    /// ```
    /// # use syncline_serializer::{Identity, InvalidRecord, Syncable};
    /// fn of_user<User: Syncable>(name: &str) -> Result<Identity, InvalidRecord> {
    ///     Identity::derive::<User>("d1:user-ro:${id}", name)
    /// }
    /// ```
    pub fn derive<M: Syncable>(partition: &str, source_id: impl Into<String>) -> Result<Self, InvalidRecord> {
        let source_id = source_id.into();
        let id = M::computed_id(partition, &source_id)
            .unwrap_or_else(|| RecordId::derive(partition, &source_id, M::NAME));
        Self { id, source_id, partition: partition.to_owned() }.in_place::<M>()
    }

    /// Derives the identity of `record` from its model's declaration. If the source id is random, each call creates
    /// another identity. If the app chooses the ids, a record without an id gets a random one.
    ///
    /// # Errors
    ///
    /// If the model declares no partition, or a field of the partition or the source id is missing. The bound
    /// `Partitioned` is not required, so that code over all models of a profile can call this.
    pub fn of<M: Syncable>(record: &M) -> Result<Self, InvalidRecord> {
        let partition = partition(record)?.ok_or(InvalidRecord::NoPartition)?;
        let chosen = M::MODEL.source_id.as_ref().is_some_and(Template::is_own_id);
        if chosen {
            let id = if record.record_id().is_new() { RecordId::random() } else { record.record_id() };
            return Self { id, source_id: id.to_string(), partition }.in_place::<M>();
        }
        let source_id = declared_source_id(record)?;
        Self::derive::<M>(&partition, source_id.unwrap_or_else(|| RecordId::random().to_string()))
    }

    /// Derives the identity of `record`, which was created with `source_id`. For models whose ids the app chooses, use
    /// [`of`](Self::of).
    ///
    /// # Errors
    ///
    /// As for [`of`](Self::of), and if `source_id` is empty, too long or contains a NUL.
    pub fn with_source_id<M: Syncable>(
        record: &M,
        source_id: impl Into<String>,
    ) -> Result<Self, InvalidRecord> {
        let partition = partition(record)?.ok_or(InvalidRecord::NoPartition)?;
        Self::derive::<M>(&partition, source_id)
    }

    /// Replaces `${id}` in the partition, and checks the result.
    fn in_place<M: Syncable>(mut self) -> Result<Self, InvalidRecord> {
        self.partition = self.partition.replace(OWN_ID, self.id.as_str());
        self.check::<M>()?;
        Ok(self)
    }

    /// Checks that every peer can store the source id and the partition of a record of model `M`.
    ///
    /// # Errors
    ///
    /// If one of them is longer than Morango's column for it, or contains a NUL; if the source id is empty, or the
    /// partition is and the model does not declare that; if the id is [`RecordId::NEW`].
    pub fn check<M: Syncable>(&self) -> Result<(), InvalidRecord> {
        if self.id.is_new() {
            return Err(InvalidRecord::Empty { what: "id" });
        }
        fits("source id", &self.source_id, LONGEST_SOURCE_ID)?;
        match fits("partition", &self.partition, LONGEST_PARTITION) {
            Err(InvalidRecord::Empty { .. }) if M::MODEL.has_empty_partition() => Ok(()),
            checked => checked,
        }
    }
}

/// The source id of `record` by its model's declaration. `None` for a random one: the model declares none, or declares a
/// single field that is `None`, or the app's function returns `None` (morango.md §1.4).
///
/// # Errors
///
/// If a field of the source id is missing.
pub fn declared_source_id<M: Syncable>(record: &M) -> Result<Option<String>, InvalidRecord> {
    if M::MODEL.computes_source_id {
        return Ok(record.computed_source_id());
    }
    let Some(template) = &M::MODEL.source_id else { return Ok(None) };
    match fill(template, record) {
        Err(InvalidRecord::Missing { .. }) if template.is_one_column() => Ok(None),
        filled => filled.map(Some),
    }
}

/// The result of a function of `source_id_with`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source id",
    label = "this is not a source id",
    note = "a function of `source_id_with` returns a `String` or a `RecordId`, or an `Option` of one: `None` is a random source id"
)]
pub trait IntoSourceId {
    /// The source id, or `None` for a random one.
    fn into_source_id(self) -> Option<String>;
}

impl IntoSourceId for String {
    fn into_source_id(self) -> Option<String> {
        Some(self)
    }
}

impl IntoSourceId for &str {
    fn into_source_id(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl IntoSourceId for RecordId {
    fn into_source_id(self) -> Option<String> {
        Some(self.to_string())
    }
}

impl<T: IntoSourceId> IntoSourceId for Option<T> {
    fn into_source_id(self) -> Option<String> {
        self.and_then(T::into_source_id)
    }
}

/// Called by derived code.
#[doc(hidden)]
pub fn into_source_id(made: impl IntoSourceId) -> Option<String> {
    made.into_source_id()
}

fn fits(what: &'static str, text: &str, longest: usize) -> Result<(), InvalidRecord> {
    match text.chars().count() {
        0 => Err(InvalidRecord::Empty { what }),
        length if length > longest => Err(InvalidRecord::TooLong { what, length, longest }),
        _ if text.contains('\0') => Err(InvalidRecord::Nul { what }),
        _ => Ok(()),
    }
}

/// The partition of `record` by its model's declaration, with `${id}` for its own id. `None` if the model declares
/// none.
///
/// # Errors
///
/// If a field of the partition is missing.
pub fn partition<M: Syncable>(record: &M) -> Result<Option<String>, InvalidRecord> {
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

/// The value of `record` for the column `name`.
fn column_of<'r, M: Syncable>(record: &'r M, name: &'static str) -> Result<StoredValue<'r>, InvalidRecord> {
    let position = M::MODEL.all_columns().position(|column| column.name == name);
    match position.and_then(|position| record.stored(position)) {
        Some(value) => value.map_err(|source| InvalidRecord::Field { column: name, source }),
        None => Ok(StoredValue::Null),
    }
}

/// Checks that the record's references contain ids, and that its discriminator is the one of its model.
///
/// # Errors
///
/// If one of them is invalid, or a field cannot be stored.
pub fn check_complete<M: Syncable>(record: &M) -> Result<(), InvalidRecord> {
    for column in M::MODEL.all_columns() {
        let value = column_of(record, column.name)?;
        if column.name != ID
            && !column.references.is_empty()
            && matches!(&value, StoredValue::Text(text) if text == RecordId::NEW.as_str())
        {
            return Err(InvalidRecord::EmptyReference { column: column.name });
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

//! A model at run time: what `derive(Syncable)` writes down of a struct.

use std::fmt;

use crate::app::Access;
use crate::dependency_order::{Message, equal};
use crate::profile::{Lists, ModelVisitor, Profile as _};
use crate::record_id::RecordId;
use crate::records::Records;
use crate::template::{Template, TemplatePiece};
use crate::value::{ColumnType, ColumnValue, InvalidValue, StoredValue};

/// A record type that syncs. Derive it: `#[derive(Syncable)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a syncable model",
    label = "not a syncable model",
    note = "add `#[derive(Syncable)]` to it"
)]
pub trait Syncable: Sized + 'static {
    /// The profile that this model belongs to, and which lists it: it would never sync otherwise.
    type Profile: Lists<Self>;

    /// Its name in the store: [`Model::name`]. Models that refer to each other name each other by this, not by
    /// [`MODEL`](Self::MODEL), which would be defined in terms of itself.
    const NAME: &'static str;

    /// Its table, columns and references.
    const MODEL: &'static Model;

    /// The name of its profile. Asked by the code that `profile!` writes.
    #[doc(hidden)]
    const PROFILE: &'static str = Self::Profile::NAME;

    /// Reads one row into the struct. Column `i` of `row` is column `i` of [`Model::columns`], followed by the
    /// [`Model::local_columns`].
    ///
    /// # Errors
    ///
    /// When a column holds what its field cannot.
    fn read(row: &impl Row) -> Result<Self, FieldError>;

    /// Appends the record as Morango's `serialized` text (morango.md §1.11, §1.12) to `json`, straight from the row.
    ///
    /// # Errors
    ///
    /// When a column holds what Morango would refuse to serialise.
    fn write_serialized(row: &impl Row, json: &mut String) -> Result<(), FieldError>;

    /// What column `index` is to hold for this record, counted as in [`read`](Self::read); `None` for the columns that no
    /// field fills.
    ///
    /// # Errors
    ///
    /// When the column cannot hold what the field does.
    fn stored(&self, index: usize) -> Option<Result<StoredValue<'_>, InvalidValue>>;

    /// Its field `id`.
    fn record_id(&self) -> RecordId;

    /// Sets its field `id`.
    fn set_record_id(&mut self, id: RecordId);

    /// The records in a database, as the source of a pipeline.
    fn stream(db: &impl Access) -> Records<'_, Self> {
        Records::new(db.connection(), false)
    }

    /// Those of them that have changed since they were last serialised.
    fn dirty(db: &impl Access) -> Records<'_, Self> {
        Records::new(db.connection(), true)
    }

    /// Calls `visitor` with this type. Called by the code that `profile!` writes.
    #[doc(hidden)]
    fn accept<V: ModelVisitor>(visitor: V) -> V::Output {
        visitor.visit::<Self>()
    }
}

/// A model that declares how the partition of its records is made. `derive(Syncable)` implements it for a model with
/// `partition = ".."`.
///
/// A model without one is of tables that have their partitions already, made by another application: Kolibri looks some of
/// its own up in other records.
#[diagnostic::on_unimplemented(
    message = "model `{Self}` does not declare how its partition is made",
    label = "`{Self}` has no `partition`",
    note = "add `partition = \"..\"` to its `#[syncable(..)]`; in tables of another application, `insert_as` does without"
)]
pub trait Partitioned: Syncable {}

/// One row of a query, read by position.
pub trait Row {
    /// What column `index` holds.
    ///
    /// # Errors
    ///
    /// When the column is missing.
    fn column(&self, index: usize) -> Result<ColumnValue<'_>, InvalidValue>;
}

/// A model: its name, its table, and its columns in the order of the keys of `serialized`.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Model {
    /// Morango's `model_name`, at most 40 characters.
    pub name: &'static str,
    /// The table that holds its records.
    pub table: &'static str,
    /// Where several models share a table: the column that tells them apart, and what it holds for this one.
    pub discriminator: Option<Discriminator>,
    /// The columns that sync, in the order of the keys of `serialized`; `id`, `_morango_source_id` and
    /// `_morango_partition` are among them, next to each other.
    pub columns: &'static [Column],
    /// The columns that stay on this machine.
    pub local_columns: &'static [Column],
    /// Which of [`columns`](Self::columns) refers to a record of this model, or of a model that shares its table.
    pub self_reference: Option<usize>,
    /// The names of the models whose records must exist before this one's, itself excepted.
    pub dependencies: &'static [&'static str],
    /// How a record's partition is made of its columns, where the declaration says so: `{notebook_id}:notes`.
    pub partition: Option<Template>,
    /// A column, and how the partition is made where that column is `NULL`.
    pub partition_without: Option<(&'static str, Template)>,
    /// How a record's source id is made of its columns (morango.md §1.4); random where the declaration does not say.
    /// `{id}` means that the app chooses the ids, and that each is its own source id.
    pub source_id: Option<Template>,
}

impl Model {
    /// A model with no discriminator, local columns, self-reference, dependencies or partition template.
    ///
    /// Called by derived code, which is why it is `const`.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, table: &'static str, columns: &'static [Column]) -> Self {
        Self {
            name,
            table,
            discriminator: None,
            columns,
            local_columns: &[],
            self_reference: None,
            dependencies: &[],
            partition: None,
            partition_without: None,
            source_id: None,
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn discriminator(mut self, column: &'static str, value: &'static str) -> Self {
        self.discriminator = Some(Discriminator { column, value });
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn local_columns(mut self, columns: &'static [Column]) -> Self {
        self.local_columns = columns;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn self_reference(mut self, column: usize) -> Self {
        self.self_reference = Some(column);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn dependencies(mut self, names: &'static [&'static str]) -> Self {
        self.dependencies = names;
        self
    }

    #[doc(hidden)]
    #[must_use]
    #[track_caller]
    pub const fn partition(mut self, template: Template) -> Self {
        self.can_fill(&template, "partition");
        self.partition = Some(template);
        self
    }

    #[doc(hidden)]
    #[must_use]
    #[track_caller]
    pub const fn partition_without(mut self, column: &'static str, template: Template) -> Self {
        self.can_fill(&template, "partition");
        self.partition_without = Some((column, template));
        self
    }

    #[doc(hidden)]
    #[must_use]
    #[track_caller]
    pub const fn source_id(mut self, template: Template) -> Self {
        self.can_fill(&template, "source id");
        self.source_id = Some(template);
        self
    }

    /// Fails to compile where `template` names a column of floating-point numbers or bytes: SQL would write these otherwise
    /// than Rust, and no two machines would agree on the id.
    #[track_caller]
    const fn can_fill(&self, template: &Template, what: &str) {
        let (pieces, mut piece) = (template.pieces(), 0);
        while piece < pieces.len() {
            if let TemplatePiece::Column { name, .. } = pieces[piece] {
                let mut index = 0;
                while index < self.columns.len() {
                    let column = &self.columns[index];
                    if equal(column.name, name)
                        && matches!(column.column_type, ColumnType::Real | ColumnType::Blob)
                    {
                        Message::new()
                            .text("model ")
                            .quoted(self.name)
                            .text(": its ")
                            .text(what)
                            .text(" cannot be made of ")
                            .quoted(name)
                            .text(", which is neither text nor an integer")
                            .panic();
                    }
                    index += 1;
                }
            }
            piece += 1;
        }
    }

    /// All columns that a declaration names, in the order in which [`Syncable::read`] counts them.
    pub(crate) fn all_columns(&self) -> impl Iterator<Item = &'static Column> + Clone {
        self.columns.iter().chain(self.local_columns)
    }
}

/// What tells the records of a model from those of the models that share its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discriminator {
    /// The column.
    pub column: &'static str,
    /// What it holds for this model.
    pub value: &'static str,
}

/// A column and the key that it has in `serialized`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Its name in the table.
    pub name: &'static str,
    /// Its key in `serialized`.
    pub key: &'static str,
    /// Whether it may be `NULL`.
    pub nullable: bool,
    /// The type that it is declared with, where the table is made from the model.
    pub column_type: ColumnType,
    /// The names of the models, which share a table, to a record of one of which it refers.
    pub references: &'static [&'static str],
    /// What becomes of a record when the one that it refers to here is deleted.
    pub on_delete: OnDelete,
    /// What it holds where nothing is given, as SQL.
    pub default: Option<&'static str>,
}

/// What becomes of a record when the one that it refers to is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDelete {
    /// It stays, so the other can only be deleted in a transaction that deletes or changes this one too.
    #[default]
    Refuse,
    /// It is deleted too.
    Cascade,
    /// It refers to nothing any more.
    SetNull,
}

impl Column {
    /// Called by derived code, which has `nullable` and `column_type` from the field's type.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, key: &'static str, nullable: bool, column_type: ColumnType) -> Self {
        Self { name, key, nullable, column_type, references: &[], on_delete: OnDelete::Refuse, default: None }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn references(mut self, models: &'static [&'static str]) -> Self {
        self.references = models;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn on_delete(mut self, on_delete: OnDelete) -> Self {
        self.on_delete = on_delete;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn default(mut self, sql: &'static str) -> Self {
        self.default = Some(sql);
        self
    }
}

/// A column of a row holds what its field cannot take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    column: usize,
    source: InvalidValue,
}

impl FieldError {
    /// `source` is wrong with column `column`, counted as in [`Syncable::read`].
    #[must_use]
    pub fn new(column: usize, source: InvalidValue) -> Self {
        Self { column, source }
    }

    /// The position of the column, counted as in [`Syncable::read`].
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// What is wrong with what it holds.
    #[must_use]
    pub fn into_invalid_value(self) -> InvalidValue {
        self.source
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {} cannot be taken", self.column)
    }
}

impl std::error::Error for FieldError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Column `index` of `row`. Called by derived code.
#[doc(hidden)]
#[inline]
pub fn column(row: &impl Row, index: usize) -> Result<ColumnValue<'_>, FieldError> {
    row.column(index).map_err(in_column(index))
}

/// Says of what is wrong that it is in column `index`. Called by derived code.
#[doc(hidden)]
#[inline]
pub fn in_column(index: usize) -> impl FnOnce(InvalidValue) -> FieldError {
    move |source| FieldError::new(index, source)
}

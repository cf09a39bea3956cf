//! The description of a model at run time: its table, its columns and its references.

use crate::const_message::{Message, equal};
use crate::model::template::{Template, TemplatePiece};
use crate::value::{Check, ColumnType, ColumnValue, Declared, Rules, first_failed};

/// The description of a model: its name, its table, and its columns in the order of the keys in the record's JSON.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Model {
    /// Morango's `model_name`, at most 40 characters.
    pub name: &'static str,
    /// The table of the model's records.
    pub table: &'static str,
    /// The column and value that select this model's rows, if several models share the table.
    pub discriminator: Option<Discriminator>,
    /// The synced columns, in the order of the keys in the record's JSON. `id`, `_morango_source_id` and
    /// `_morango_partition` are among them, in adjacent positions.
    pub columns: &'static [Column],
    /// The columns that are not synced.
    pub local_columns: &'static [Column],
    /// The index in [`columns`](Self::columns) of the self-reference: a reference to a record of this model, or of a
    /// model with the same table.
    pub self_reference: Option<usize>,
    /// The names of the other models whose records must exist before records of this model.
    pub dependencies: &'static [&'static str],
    /// The template of a record's partition, if the declaration has one: `{notebook_id}:notes`.
    pub partition: Option<Template>,
    /// A column, and the template of the partition of records in which that column is `NULL`.
    pub partition_without: Option<(&'static str, Template)>,
    /// The template of a record's source id (morango.md §1.4). Without a template the source id is random. `{id}` means
    /// that the app chooses the ids and each id is its own source id.
    pub source_id: Option<Template>,
    /// `true` if a function of the app computes source ids
    /// ([`Syncable::computed_source_id`](crate::model::Syncable::computed_source_id)).
    pub computes_source_id: bool,
    /// `true` if a function of the app computes ids
    /// ([`Syncable::computed_id`](crate::model::Syncable::computed_id)).
    pub computes_id: bool,
    /// The name of the struct, which errors show as a class.
    pub class_name: &'static str,
    /// The name of a record in errors: `learner group`.
    pub verbose: &'static str,
    /// The columns of each unique key that has several: no two records have the same values in them.
    pub unique: &'static [&'static [&'static str]],
    /// The name that the table had in an earlier version of the app. A backend renames such a table.
    pub renamed_from: Option<&'static str>,
    /// The columns that synced in an earlier version of the app, and do not sync any more: the fields were removed, or are
    /// local now. Each is named by its column or its key.
    pub retired: &'static [&'static str],
}

impl Model {
    /// Creates a model without discriminator, local columns, self-reference, dependencies and templates. It is `const`
    /// for derived code.
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
            computes_source_id: false,
            computes_id: false,
            class_name: name,
            verbose: name,
            unique: &[],
            renamed_from: None,
            retired: &[],
        }
    }

    /// Sets the names that errors show.
    #[doc(hidden)]
    #[must_use]
    pub const fn names(mut self, class_name: &'static str, verbose: &'static str) -> Self {
        (self.class_name, self.verbose) = (class_name, verbose);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn unique(mut self, keys: &'static [&'static [&'static str]]) -> Self {
        self.unique = keys;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn renamed_from(mut self, table: &'static str) -> Self {
        self.renamed_from = Some(table);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn retired(mut self, columns: &'static [&'static str]) -> Self {
        self.retired = columns;
        self
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

    /// Sets the self-reference: the column that may refer to this model. For a model with flattened fields.
    ///
    /// # Panics
    ///
    /// If two columns do. In derived code that is a compile error.
    #[doc(hidden)]
    #[must_use]
    #[track_caller]
    pub const fn finds_self_reference(mut self) -> Self {
        let mut index = 0;
        while index < self.columns.len() {
            let column = &self.columns[index];
            let mut reference = 0;
            while reference < column.references.len() {
                if equal(column.references[reference], self.name) {
                    if let Some(other) = self.self_reference {
                        Message::new()
                            .text("a model has one self-reference, and ")
                            .quoted(self.name)
                            .text(" refers to itself with ")
                            .quoted(self.columns[other].name)
                            .text(" and with ")
                            .quoted(column.name)
                            .panic();
                    }
                    self.self_reference = Some(index);
                    break;
                }
                reference += 1;
            }
            index += 1;
        }
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

    #[doc(hidden)]
    #[must_use]
    pub const fn computes_source_id(mut self) -> Self {
        self.computes_source_id = true;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn computes_id(mut self) -> Self {
        self.computes_id = true;
        self
    }

    /// Returns `true` if the model declares the empty partition for some of its records.
    #[must_use]
    pub fn has_empty_partition(&self) -> bool {
        let without = self.partition_without.as_ref().map(|(_, template)| template);
        self.partition.iter().chain(without).any(|template| template.pieces().is_empty())
    }

    /// Checks that `template` names no column of real numbers or bytes. SQL and Rust convert these to different text,
    /// so machines would compute different ids.
    ///
    /// # Panics
    ///
    /// If it does. In derived code that is a compile error.
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

    /// The columns of each unique key, except the id.
    pub fn unique_keys(&self) -> impl Iterator<Item = Vec<&'static str>> {
        let single = self.columns.iter().filter(|column| column.unique).map(|column| vec![column.name]);
        single.chain(self.unique.iter().map(|columns| columns.to_vec()))
    }

    /// The declared columns, in the order of [`Syncable::read`](crate::model::Syncable::read).
    pub fn all_columns(&self) -> impl Iterator<Item = &'static Column> + Clone {
        self.columns.iter().chain(self.local_columns)
    }
}

/// The column and value that separate a model's records from those of other models in the same table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discriminator {
    /// The name of the column.
    pub column: &'static str,
    /// The column's value in this model's records.
    pub value: &'static str,
}

/// A column of a model's table, and its key in the record's JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The column's name in the table.
    pub name: &'static str,
    /// The column's key in the record's JSON.
    pub key: &'static str,
    /// `true` if the column may be `NULL`.
    pub nullable: bool,
    /// The column's type in a table that is created from the model.
    pub column_type: ColumnType,
    /// The names of the models that this column may refer to. Several models must share a table.
    pub references: &'static [&'static str],
    /// The action on this record when the record that it refers to is deleted.
    pub on_delete: OnDelete,
    /// The column's default, as SQL.
    pub default: Option<&'static str>,
    /// The checks on the column's values: those of the field's type.
    pub checks: &'static [Check],
    /// The declared rules on the column's values, beyond those of the type.
    pub rules: Rules,
    /// `true` if no two records of the model have the same value.
    pub unique: bool,
    /// The name of the records that a reference refers to, in errors. By default it is that of their model.
    pub verbose: Option<&'static str>,
    /// The name that the column had in an earlier version of the app. A backend renames such a column.
    pub renamed_from: Option<&'static str>,
}

/// Checks the default of a column, which is `value` and in SQL `sql`. Called by derived code in a constant, in which a panic
/// is a compile error.
///
/// # Panics
///
/// If the field cannot hold the value.
#[doc(hidden)]
#[track_caller]
pub const fn check_default(column: &str, checks: &[Check], sql: &str, value: ColumnValue<'_>) {
    if let Some(check) = first_failed(checks, value) {
        let message = Message::new().text("the default of ").quoted(column).text(" is ");
        let message = match value {
            ColumnValue::Text(text) => message.quoted(text),
            _ => message.text(sql),
        };
        check.describe(message.text(", but its field takes ")).panic();
    }
}

/// The action on a record when the record that it refers to is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDelete {
    /// No action: the record that is referred to can only be deleted in a transaction that deletes or changes this
    /// record as well.
    #[default]
    Refuse,
    /// Deletes this record.
    Cascade,
    /// Sets the reference to `NULL`.
    SetNull,
}

impl Column {
    /// Called by derived code, with `nullable` and `column_type` of the field's type.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, key: &'static str, nullable: bool, column_type: ColumnType) -> Self {
        Self {
            name,
            key,
            nullable,
            column_type,
            references: &[],
            on_delete: OnDelete::Refuse,
            default: None,
            checks: &[],
            rules: Rules::new(),
            unique: false,
            verbose: None,
            renamed_from: None,
        }
    }

    /// The field's name in the errors of a record: the key, for a reference without `_id`.
    #[must_use]
    pub fn error_key(&self) -> &'static str {
        let reference = (!self.references.is_empty()).then(|| self.key.strip_suffix("_id")).flatten();
        reference.unwrap_or(self.key)
    }

    /// The parts of the declaration that received values depend on. Called by derived code.
    #[doc(hidden)]
    #[must_use]
    pub fn declared(&self) -> Declared {
        let Self { nullable, default, rules, .. } = *self;
        Declared { name: self.error_key(), nullable, default, rules }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn verbose(mut self, name: &'static str) -> Self {
        self.verbose = Some(name);
        self
    }

    /// Called by derived code, with the checks of the field's type.
    #[doc(hidden)]
    #[must_use]
    pub const fn checks(mut self, checks: &'static [Check]) -> Self {
        self.checks = checks;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn renamed_from(mut self, column: &'static str) -> Self {
        self.renamed_from = Some(column);
        self
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

    /// Sets the default, as SQL.
    #[doc(hidden)]
    #[must_use]
    pub const fn default(mut self, sql: &'static str) -> Self {
        self.default = Some(sql);
        self
    }
}

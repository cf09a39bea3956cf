//! Flattened fields: a struct whose fields are columns of each model that has it as a `#[syncable(flatten)]` field.
//!
//! The macro sees one struct at a time, so the columns of a model with flattened fields are put together here, in
//! constants. A part of such a model is the columns of one struct: part 0 has the model's own columns, and each flattened
//! field is a part. A part counts its columns from 0, first those that sync, then the local ones.

use crate::const_message::{Message, equal};
use crate::model::definition::Column;
use crate::model::row::{FieldError, Row};
use crate::received::{FieldFault, JsonValue};
use crate::value::{ColumnValue, InvalidValue, StoredValue};

/// The fields that several models share. Derive it with `#[derive(SyncableFields)]`; a model includes the struct with
/// `#[syncable(flatten)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be flattened into a model",
    label = "its fields are not known as columns",
    note = "add `#[derive(SyncableFields)]` to it"
)]
pub trait SyncableFields: Sized + 'static {
    /// The synced columns, in the order of their keys in the record's JSON.
    const COLUMNS: &'static [Column];

    /// The columns that are not synced.
    const LOCAL_COLUMNS: &'static [Column];

    /// The names of the fields: those of [`COLUMNS`](Self::COLUMNS), followed by those of
    /// [`LOCAL_COLUMNS`](Self::LOCAL_COLUMNS).
    const FIELDS: &'static [&'static str];

    /// Reads the struct from a row of its own columns: [`COLUMNS`](Self::COLUMNS), followed by
    /// [`LOCAL_COLUMNS`](Self::LOCAL_COLUMNS).
    ///
    /// # Errors
    ///
    /// If a column holds a value that its field cannot.
    fn read(row: &impl Row) -> Result<Self, FieldError>;

    /// Appends the keys and values of the synced columns to `json`, as members of an object without its braces.
    ///
    /// # Errors
    ///
    /// If a column holds a value that Morango would refuse to serialise.
    fn write_serialized(row: &impl Row, json: &mut String) -> Result<(), FieldError>;

    /// The value to store in column `index`, which counts as in [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// If the column cannot hold the field's value.
    fn stored(&self, index: usize) -> Option<Result<StoredValue<'_>, InvalidValue>>;

    /// Checks a value of column `index` before it is serialised, as [`Syncable::check`](crate::model::Syncable::check) does.
    ///
    /// # Errors
    ///
    /// If no version of the app could read the value.
    fn check(index: usize, value: ColumnValue<'_>) -> Result<(), InvalidValue>;

    /// The value of column `index` in a received record, as [`Syncable::receive`](crate::model::Syncable::receive).
    ///
    /// # Errors
    ///
    /// If the field's type or one of its rules refuses the value.
    fn receive(index: usize, value: Option<&JsonValue<'_>>) -> Result<StoredValue<'static>, FieldFault>;

    /// Applies the declared rules of column `index` to the value.
    ///
    /// # Errors
    ///
    /// If a rule refuses the value.
    fn check_rules(&self, _index: usize) -> Result<(), FieldFault> {
        Ok(())
    }

    /// Checks the default of column `index`.
    ///
    /// # Errors
    ///
    /// If the field cannot be read from it.
    #[doc(hidden)]
    fn check_default(_index: usize, _default: ColumnValue<'_>) -> Result<(), InvalidValue> {
        Ok(())
    }
}

/// A struct with flattened fields. Implemented by derived code.
#[doc(hidden)]
pub trait Flattens {
    /// Its columns, by part.
    const PARTS: Parts;

    /// Its synced columns in order.
    const COLUMNS: &'static [Column];

    /// Its local columns in order.
    const LOCAL_COLUMNS: &'static [Column];
}

/// A sequence of adjacent columns of one part.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub struct Run {
    part: usize,
    /// The position of the first column in its part.
    first: usize,
    columns: &'static [Column],
    /// The names of the fields of `columns`.
    fields: &'static [&'static str],
    /// The flattened field, or an empty text for the model's own columns.
    flattened: &'static str,
}

impl Run {
    /// Own columns, from position `first` on.
    #[must_use]
    pub const fn own(first: usize, columns: &'static [Column], fields: &'static [&'static str]) -> Self {
        Self { part: 0, first, columns, fields, flattened: "" }
    }

    /// The synced `columns` of the flattened field `name`, which is part `part`. `fields` are the names of its fields.
    #[must_use]
    pub const fn synced(
        part: usize,
        name: &'static str,
        columns: &'static [Column],
        fields: &'static [&'static str],
    ) -> Self {
        let fields = fields.split_at(columns.len()).0;
        Self { part, first: 0, columns, fields, flattened: name }
    }

    /// The local `columns` of the flattened field `name`, which is part `part`. `fields` are the names of its fields.
    #[must_use]
    pub const fn local(
        part: usize,
        name: &'static str,
        columns: &'static [Column],
        fields: &'static [&'static str],
    ) -> Self {
        let first = fields.len() - columns.len();
        Self { part, first, columns, fields: fields.split_at(first).1, flattened: name }
    }

    /// Adds the field of column `index` to a message: `title`, or `shared.title`.
    const fn name(&self, index: usize, message: Message) -> Message {
        let message = message.text("`").text(self.flattened);
        let dot = if self.flattened.is_empty() { "" } else { "." };
        message.text(dot).text(self.fields[index]).text("`")
    }
}

/// The columns of a struct with flattened fields.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub struct Parts {
    synced: &'static [Run],
    local: &'static [Run],
}

impl Parts {
    #[must_use]
    pub const fn new(synced: &'static [Run], local: &'static [Run]) -> Self {
        Self { synced, local }
    }

    /// The number of synced columns.
    #[must_use]
    pub const fn synced_count(&self) -> usize {
        count(self.synced)
    }

    /// The number of local columns.
    #[must_use]
    pub const fn local_count(&self) -> usize {
        count(self.local)
    }

    /// The synced columns, which are [`synced_count`](Self::synced_count).
    #[must_use]
    pub const fn synced<const N: usize>(&self) -> [Column; N] {
        columns(self.synced)
    }

    /// The local columns, which are [`local_count`](Self::local_count).
    #[must_use]
    pub const fn local<const N: usize>(&self) -> [Column; N] {
        columns(self.local)
    }

    /// The names of all fields, of which there are [`synced_count`](Self::synced_count) and
    /// [`local_count`](Self::local_count).
    #[must_use]
    pub const fn fields<const N: usize>(&self) -> [&'static str; N] {
        let (mut fields, mut filled, mut number) = ([""; N], 0, 0);
        while let Some(run) = self.run(number) {
            let mut index = 0;
            while index < run.columns.len() {
                fields[filled] = run.fields[index];
                filled += 1;
                index += 1;
            }
            number += 1;
        }
        fields
    }

    /// Run `number` of the synced and the local runs.
    const fn run(&self, number: usize) -> Option<Run> {
        if number < self.synced.len() {
            Some(self.synced[number])
        } else if number - self.synced.len() < self.local.len() {
            Some(self.local[number - self.synced.len()])
        } else {
            None
        }
    }

    /// The position, among all columns, of column `index` of `part`.
    ///
    /// # Panics
    ///
    /// If the part has no such column.
    #[must_use]
    pub const fn position(&self, part: usize, index: usize) -> usize {
        let (mut before, mut number) = (0, 0);
        while let Some(run) = self.run(number) {
            if run.part == part && run.first <= index && index - run.first < run.columns.len() {
                return before + index - run.first;
            }
            before += run.columns.len();
            number += 1;
        }
        panic!("a part has no such column")
    }

    /// The part of the column at `position` among all columns, and the column's index in it. For a column that
    /// does not exist the part is [`usize::MAX`].
    #[must_use]
    pub const fn find(&self, position: usize) -> (usize, usize) {
        let (mut before, mut number) = (0, 0);
        while let Some(run) = self.run(number) {
            if position - before < run.columns.len() {
                return (run.part, run.first + position - before);
            }
            before += run.columns.len();
            number += 1;
        }
        (usize::MAX, position)
    }

    /// The place of the columns of `part`.
    #[must_use]
    pub const fn place(&self, part: usize) -> Place {
        let mut place = Place { synced: 0, first: 0, first_local: 0 };
        let (mut before, mut number) = (0, 0);
        while let Some(run) = self.run(number) {
            if run.part == part && number < self.synced.len() {
                place.synced = run.columns.len();
                place.first = before;
            } else if run.part == part {
                place.first_local = before;
            }
            before += run.columns.len();
            number += 1;
        }
        place
    }

    /// Checks that the columns of `part` have other names and other keys than those of the parts before it.
    ///
    /// # Panics
    ///
    /// If they have not. In derived code that is a compile error.
    #[track_caller]
    const fn are_unique(&self, part: usize) {
        let mut number = 0;
        while let Some(run) = self.run(number) {
            if run.part == part {
                let mut index = 0;
                while index < run.columns.len() {
                    self.is_unique(run, index, number < self.synced.len());
                    index += 1;
                }
            }
            number += 1;
        }
    }

    #[track_caller]
    const fn is_unique(&self, run: Run, index: usize, syncs: bool) {
        let column = &run.columns[index];
        let mut number = 0;
        while let Some(other) = self.run(number) {
            let mut place = 0;
            while other.part < run.part && place < other.columns.len() {
                let existing = &other.columns[place];
                let both_sync = syncs && number < self.synced.len();
                let (what, name) = if column.name.eq_ignore_ascii_case(existing.name) {
                    ("the column ", column.name)
                } else if both_sync && equal(column.key, existing.key) {
                    ("the key ", column.key)
                } else {
                    place += 1;
                    continue;
                };
                let message = run.name(index, Message::new().text(what).quoted(name).text(" of "));
                other.name(place, message.text(" already belongs to ")).panic();
            }
            number += 1;
        }
    }

    /// The column of a flattened field, which `what` of the model names. `what` is the same on every machine.
    ///
    /// # Panics
    ///
    /// If no flattened field has the name, or several have, or it is local. In derived code that is a compile error.
    #[track_caller]
    const fn column_of(&self, field: &str, what: &str) -> &'static str {
        let mut found = None;
        let mut number = 0;
        while let Some(run) = self.run(number) {
            let mut index = 0;
            while index < run.columns.len() {
                if run.part > 0 && equal(run.fields[index], field) {
                    if let Some((other, place)) = found {
                        let message = Message::new().text(what).text(" names the field ").quoted(field);
                        let message = Run::name(&other, place, message.text(", which is both "));
                        run.name(index, message.text(" and ")).panic();
                    }
                    if number >= self.synced.len() {
                        let message = Message::new().text(what);
                        let message = message
                            .text(" is the same on every machine, so it cannot hold the `local` field ");
                        run.name(index, message).panic();
                    }
                    found = Some((run, index));
                }
                index += 1;
            }
            number += 1;
        }
        match found {
            Some((run, index)) => run.columns[index].name,
            None => Message::new()
                .text("no field ")
                .quoted(field)
                .text("; ")
                .text(what)
                .text(" names a field of the model, or one of a struct that it flattens")
                .panic(),
        }
    }

    /// The column of a flattened field that may be `None`, for `partition_without`.
    ///
    /// # Panics
    ///
    /// As for [`column_of`](Self::column_of), and if the field is never `None`.
    #[track_caller]
    const fn optional_column_of(&self, field: &str, what: &str) -> &'static str {
        let name = self.column_of(field, what);
        let mut number = 0;
        while let Some(run) = self.run(number) {
            let mut index = 0;
            while index < run.columns.len() {
                if equal(run.columns[index].name, name) && !run.columns[index].nullable {
                    Message::new().quoted(field).text(" is not an `Option`, so it is never `None`").panic();
                }
                index += 1;
            }
            number += 1;
        }
        name
    }

    /// Checks that no flattened struct syncs `name`, a column or key that the model declares as retired.
    ///
    /// # Panics
    ///
    /// If one does. In derived code that is a compile error.
    #[track_caller]
    const fn retires(&self, name: &str) {
        let mut number = 0;
        while number < self.synced.len() {
            let (run, mut index) = (self.synced[number], 0);
            while index < run.columns.len() {
                let column = &run.columns[index];
                if run.part > 0 && (column.name.eq_ignore_ascii_case(name) || equal(column.key, name)) {
                    let message = Message::new().quoted(name).text(" is not retired: the field ");
                    run.name(index, message).text(" syncs, unless it is `local`").panic();
                }
                index += 1;
            }
            number += 1;
        }
    }

    /// The number of [`dependencies`](Self::dependencies).
    #[must_use]
    pub const fn dependency_count(&self, own: &'static [&'static str], model: &str) -> usize {
        let mut count = 0;
        let mut number = 0;
        while let Some(name) = self.reference(own, number) {
            if !equal(name, model) && !self.is_named_before(own, number, name) {
                count += 1;
            }
            number += 1;
        }
        count
    }

    /// The other models that the columns refer to, followed by those of `own`, each once and without `model` itself.
    #[must_use]
    pub const fn dependencies<const N: usize>(
        &self,
        own: &'static [&'static str],
        model: &str,
    ) -> [&'static str; N] {
        let mut dependencies = [""; N];
        let (mut count, mut number) = (0, 0);
        while let Some(name) = self.reference(own, number) {
            if !equal(name, model) && !self.is_named_before(own, number, name) {
                dependencies[count] = name;
                count += 1;
            }
            number += 1;
        }
        dependencies
    }

    /// Name `number` of the references of all columns, followed by `own`.
    const fn reference(&self, own: &'static [&'static str], number: usize) -> Option<&'static str> {
        let (mut rest, mut run) = (number, 0);
        while run < self.synced.len() {
            let mut index = 0;
            while index < self.synced[run].columns.len() {
                let references = self.synced[run].columns[index].references;
                if rest < references.len() {
                    return Some(references[rest]);
                }
                rest -= references.len();
                index += 1;
            }
            run += 1;
        }
        if rest < own.len() { Some(own[rest]) } else { None }
    }

    const fn is_named_before(&self, own: &'static [&'static str], end: usize, name: &str) -> bool {
        let mut number = 0;
        while number < end {
            if let Some(other) = self.reference(own, number)
                && equal(other, name)
            {
                return true;
            }
            number += 1;
        }
        false
    }
}

const fn count(runs: &[Run]) -> usize {
    let (mut count, mut number) = (0, 0);
    while number < runs.len() {
        count += runs[number].columns.len();
        number += 1;
    }
    count
}

const fn columns<const N: usize>(runs: &[Run]) -> [Column; N] {
    let mut columns = [Column::new("", "", false, crate::value::ColumnType::Text); N];
    let (mut filled, mut number) = (0, 0);
    while number < runs.len() {
        let mut index = 0;
        while index < runs[number].columns.len() {
            columns[filled] = runs[number].columns[index];
            filled += 1;
            index += 1;
        }
        number += 1;
    }
    columns
}

/// The place of a part's columns among all columns.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub struct Place {
    /// The number of the part's synced columns.
    synced: usize,
    first: usize,
    first_local: usize,
}

impl Place {
    /// The position, among all columns, of column `index` of the part.
    #[inline]
    const fn position(self, index: usize) -> usize {
        if index < self.synced { self.first + index } else { self.first_local + index - self.synced }
    }
}

/// The columns of one part of a row.
struct PartOfRow<'r, R> {
    row: &'r R,
    place: Place,
}

impl<R: Row> Row for PartOfRow<'_, R> {
    #[inline]
    fn column(&self, index: usize) -> Result<ColumnValue<'_>, InvalidValue> {
        self.row.column(self.place.position(index))
    }
}

/// The columns of a flattened field in `row`. Called by derived code.
#[doc(hidden)]
#[inline]
pub fn part_of_row(row: &impl Row, place: Place) -> impl Row {
    PartOfRow { row, place }
}

/// Returns a function that converts the column of an error, which counts in a part, to that of the whole row. Called by derived
/// code.
#[doc(hidden)]
#[inline]
pub fn in_part(place: Place) -> impl FnOnce(FieldError) -> FieldError {
    move |error| FieldError::new(place.position(error.column()), error.into_invalid_value())
}

/// The text before the first member of a flattened field: `opening` if no member is before it. Called by derived code.
#[doc(hidden)]
#[inline]
#[must_use]
pub fn separator(place: Place, opening: &'static str) -> &'static str {
    if place.first == 0 { opening } else { ", " }
}

/// [`Parts::are_unique`], as a function: the span of a call of a function is that of its name. Called by derived code.
#[doc(hidden)]
#[track_caller]
pub const fn are_unique(parts: Parts, part: usize) {
    parts.are_unique(part);
}

/// [`Parts::retires`], as a function. Called by derived code.
#[doc(hidden)]
#[track_caller]
pub const fn retires(parts: Parts, name: &str) {
    parts.retires(name);
}

/// [`Parts::column_of`], as a function. Called by derived code.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn column_of(parts: Parts, field: &str, what: &str) -> &'static str {
    parts.column_of(field, what)
}

/// [`Parts::optional_column_of`], as a function. Called by derived code.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn optional_column_of(parts: Parts, field: &str, what: &str) -> &'static str {
    parts.optional_column_of(field, what)
}

//! The parsed declaration of a model: the struct and its `#[syncable(..)]` attributes, with the tokens that errors
//! point at.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use syn::{Attribute, Data, DeriveInput, Fields, FieldsNamed, Ident, LitStr, Path};

use super::field::Field;
use super::flattened::{self, Flattened};
use super::hooks::Hooks;
use super::keys::{Place, unknown_key};
use crate::attribute::{self, Entry, Given, Truth, entries};
use crate::attributes::levels;
use crate::errors::Errors;

/// A struct that derives `Syncable`.
pub(super) struct Declaration {
    pub(super) ident: Ident,
    /// The levels of lints of the struct, for its impls.
    pub(super) levels: TokenStream,
    pub(super) root: Given<Path>,
    pub(super) profile: Given<Vec<Path>>,
    pub(super) model: Given<LitStr>,
    pub(super) table: Given<LitStr>,
    pub(super) discriminator: Given<(Ident, LitStr)>,
    pub(super) partition: Given<LitStr>,
    pub(super) partition_without: Given<(Ident, LitStr)>,
    pub(super) source_id: Given<LitStr>,
    pub(super) source_id_with: Given<Path>,
    pub(super) id_with: Given<Path>,
    pub(super) depends_on: Given<Vec<Path>>,
    pub(super) renamed_from: Given<LitStr>,
    pub(super) retired: Given<Vec<LitStr>>,
    /// The fields of each `unique(a, b)`.
    pub(super) unique: Vec<Vec<Ident>>,
    pub(super) validate: Given<Path>,
    /// The rule for missing values of all fields.
    pub(super) blank: Given<Truth>,
    pub(super) verbose: Given<LitStr>,
    pub(super) class: Given<LitStr>,
    pub(super) hooks: Hooks,
    /// `None` if the input is not a struct with named fields. That was reported as an error.
    pub(super) fields: Option<Vec<Field>>,
    /// The fields with `flatten`, which are not among `fields`.
    pub(super) flattened: Vec<Flattened>,
}

impl Declaration {
    /// Returns `true` if `path`, in a reference of this declaration, names the model itself.
    pub(super) fn is_itself(&self, path: &Path) -> bool {
        path.is_ident(&self.ident) || path.is_ident("Self")
    }

    /// Parses `input`. It reports each mistake and goes on with the next part.
    pub(super) fn parse(input: &DeriveInput, errors: &mut Errors) -> Self {
        let mut declaration = Self::of_attributes(&input.ident, &input.attrs, errors);
        if let Some(parameter) = input.generics.params.first() {
            errors.at(parameter, "a model has one table, so its struct takes no parameters");
        }
        match &input.data {
            Data::Struct(data) => match &data.fields {
                Fields::Named(fields) => declaration.parse_fields(fields, errors),
                Fields::Unnamed(fields) => {
                    errors.at(fields, "the fields of a model have names, which are the names of its columns");
                }
                Fields::Unit => errors.at(&input.ident, "a model has fields, one of them `id: RecordId`"),
            },
            Data::Enum(data) => errors.at(data.enum_token, "a model is a struct with named fields"),
            Data::Union(data) => errors.at(data.union_token, "a model is a struct with named fields"),
        }
        declaration
    }

    /// Parses `input`, which derives `SyncableFields`.
    pub(super) fn parse_shared(input: &DeriveInput, errors: &mut Errors) -> Self {
        let mut declaration = Self::empty(&input.ident, &input.attrs);
        for entry in entries(&input.attrs, "crate = path", errors) {
            match entry.key.to_string().as_str() {
                "crate" => declaration.root.fill(&entry, errors, |entry| entry.path("::syncline")),
                "blank" => declaration.blank.fill(&entry, errors, of_all_fields),
                _ => {
                    unknown_key(&entry, Place::Shared, errors);
                }
            }
        }
        if let Some(parameter) = input.generics.params.first() {
            errors.at(
                parameter,
                "flattened fields are columns of one type, so their struct takes no parameters",
            );
        }
        let message = "the fields that models share are those of a struct with named fields";
        match &input.data {
            Data::Struct(data) => match &data.fields {
                Fields::Named(fields) => declaration.parse_fields(fields, errors),
                Fields::Unnamed(fields) => errors.at(fields, message),
                Fields::Unit => errors.at(&input.ident, message),
            },
            Data::Enum(data) => errors.at(data.enum_token, message),
            Data::Union(data) => errors.at(data.union_token, message),
        }
        declaration
    }

    fn parse_fields(&mut self, fields: &FieldsNamed, errors: &mut Errors) {
        let mut names = HashSet::new();
        // The compiler itself reports two fields with one name.
        let fields = fields.named.iter().filter(|field| names.insert(&field.ident));
        let fields = fields.filter_map(|field| Field::parse(field, errors)).collect();
        let (fields, flattened) = flattened::split(fields, errors);
        (self.fields, self.flattened) = (Some(fields), flattened);
    }

    fn empty(ident: &Ident, attributes: &[Attribute]) -> Self {
        Self {
            ident: ident.clone(),
            levels: levels(attributes),
            root: Given::Absent,
            profile: Given::Absent,
            model: Given::Absent,
            table: Given::Absent,
            discriminator: Given::Absent,
            partition: Given::Absent,
            partition_without: Given::Absent,
            source_id: Given::Absent,
            source_id_with: Given::Absent,
            id_with: Given::Absent,
            depends_on: Given::Absent,
            renamed_from: Given::Absent,
            retired: Given::Absent,
            unique: Vec::new(),
            validate: Given::Absent,
            blank: Given::Absent,
            verbose: Given::Absent,
            class: Given::Absent,
            hooks: Hooks::default(),
            fields: None,
            flattened: Vec::new(),
        }
    }

    fn of_attributes(ident: &Ident, attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut this = Self::empty(ident, attributes);
        if attributes.iter().any(attribute::has_no_entries) {
            (this.profile, this.model) = (Given::Invalid, Given::Invalid);
        }
        for entry in entries(attributes, "profile = .., model = \"..\"", errors) {
            match entry.key.to_string().as_str() {
                "profile" => this.profile.fill(&entry, errors, |entry| entry.path_or_paths("Notes")),
                "model" => this.model.fill(&entry, errors, Entry::text),
                "table" => this.table.fill(&entry, errors, Entry::text),
                "discriminator" => {
                    let pair = |entry: &Entry| entry.pair("what it holds", "kind = \"..\"");
                    this.discriminator.fill(&entry, errors, pair);
                }
                "partition" => this.partition.fill(&entry, errors, Entry::text),
                "partition_without" => {
                    let pair = |entry: &Entry| entry.pair("the partition without it", "user_id = \"..\"");
                    this.partition_without.fill(&entry, errors, pair);
                }
                "source_id" => this.source_id.fill(&entry, errors, Entry::text),
                "source_id_with" => {
                    this.source_id_with.fill(&entry, errors, |entry| entry.path("Self::source_id"));
                }
                "id_with" => this.id_with.fill(&entry, errors, |entry| entry.path("Self::compute_id")),
                "depends_on" => this.depends_on.fill(&entry, errors, |entry| entry.paths("Notebook")),
                "renamed_from" => this.renamed_from.fill(&entry, errors, Entry::text),
                "retired" => this.retired.fill(&entry, errors, Entry::texts),
                "unique" => match entry.names() {
                    Ok(fields) => this.unique.push(fields),
                    Err(error) => errors.push(error),
                },
                "validate" => this.validate.fill(&entry, errors, |entry| entry.path("check_note")),
                "blank" => this.blank.fill(&entry, errors, of_all_fields),
                "verbose" => this.verbose.fill(&entry, errors, Entry::text),
                "class" => this.class.fill(&entry, errors, Entry::text),
                "crate" => this.root.fill(&entry, errors, |entry| entry.path("::syncline")),
                _ if this.hooks.fill(&entry, errors) => {}
                // A misspelt `profile` or `model` is not reported as missing as well.
                _ => match unknown_key(&entry, Place::Model, errors) {
                    Some("profile") => this.profile = Given::Invalid,
                    Some("model") => this.model = Given::Invalid,
                    _ => {}
                },
            }
        }
        this
    }
}

/// Parses `blank = false` on a struct, the rule of all its fields. Without it no field has the rule.
fn of_all_fields(entry: &Entry) -> syn::Result<Truth> {
    let truth = entry.truth()?;
    if truth.value {
        let message = "on a struct, write `blank = false`: no field may be missing, unless it says `blank`";
        return Err(syn::Error::new_spanned(&truth.key, message));
    }
    Ok(truth)
}

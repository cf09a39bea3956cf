//! The parsed declaration of a field type: a struct that wraps one value, or an enum that is stored as text or numbers.

use std::collections::HashMap;

use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Path, Type};

use super::case::Case;
use crate::attribute::{Entry, Given, entries};
use crate::errors::{Errors, did_you_mean};
use crate::root::Root;

const KEYS: [&str; 3] = ["rename_all", "integer", "crate"];

/// A type that derives `FieldValue`.
pub(super) struct Declaration<'a> {
    root: Given<Path>,
    /// `None` after a mistake, which was reported.
    value: Option<Value<'a>>,
}

/// The stored form of the type.
pub(super) enum Value<'a> {
    /// The value of the struct's only field. `member` is the field's name or index.
    Wrapped { member: syn::Member, ty: &'a Type },
    /// A text for each variant.
    Texts(Vec<(&'a Ident, String)>),
    /// The discriminant of each variant.
    Numbers(Vec<&'a Ident>),
}

impl<'a> Declaration<'a> {
    /// Parses `input`. It reports each mistake and goes on with the next part.
    pub(super) fn parse(input: &'a DeriveInput, errors: &mut Errors) -> Self {
        let (mut root, mut rename_all, mut integer) = (Given::Absent, Given::Absent, Given::Absent);
        for entry in entries(&input.attrs, "rename_all = \"..\"", errors) {
            match entry.key.to_string().as_str() {
                "rename_all" => rename_all.fill(&entry, errors, |entry| Case::parse(&entry.text()?)),
                "integer" => integer.fill(&entry, errors, Entry::flag),
                "crate" => root.fill(&entry, errors, |entry| entry.path("::syncline")),
                key => {
                    let known = KEYS.map(|key| format!("`{key}`")).join(", ");
                    let hint = did_you_mean(key, KEYS, format_args!("this takes {known}"));
                    errors.at(&entry.key, format_args!("unknown key `{key}`; {hint}"));
                }
            }
        }
        let value = match &input.data {
            Data::Struct(data) => {
                if let Some(flag) = integer.as_option() {
                    errors.at(flag, "`integer` is for an `enum`: a struct is stored as what it wraps");
                }
                if rename_all.as_option().is_some() {
                    errors.at(
                        &input.ident,
                        "`rename_all` is for an `enum`: a struct is stored as what it wraps",
                    );
                }
                wrapped(&input.ident, &data.fields, errors)
            }
            Data::Enum(data) => {
                if let (Some(flag), Some(_)) = (integer.as_option(), rename_all.as_option()) {
                    errors.at(flag, "numbers have no names: `integer` and `rename_all` exclude each other");
                }
                if let Some(parameter) = input.generics.params.first() {
                    errors.at(parameter, "an `enum` of names takes no parameters");
                }
                variants(input, data, integer.as_option().is_some(), rename_all.as_option().copied(), errors)
            }
            Data::Union(data) => {
                errors.at(data.union_token, "a field's type is a struct that wraps one value, or an `enum`");
                None
            }
        };
        Self { root, value }
    }

    pub(super) fn root(&self) -> Root {
        self.root.as_option().cloned().map(Root::new).unwrap_or_default()
    }

    pub(super) fn into_value(self) -> Option<Value<'a>> {
        self.value
    }
}

fn wrapped<'a>(ident: &Ident, fields: &'a Fields, errors: &mut Errors) -> Option<Value<'a>> {
    let hint = "implement `FieldValue` for it, or let a field hold it as JSON: `syncline::Json<..>`";
    let mut members = fields.members().zip(fields);
    match (members.next(), members.next()) {
        (Some((member, field)), None) => {
            for entry in entries(&field.attrs, "..", errors) {
                errors
                    .at(&entry.key, format_args!("unknown key `{}`; a wrapped field takes none", entry.key));
            }
            Some(Value::Wrapped { member, ty: &field.ty })
        }
        (None, _) => {
            errors.at(ident, format_args!("a struct without fields has no value to store; {hint}"));
            None
        }
        (Some(_), Some(_)) => {
            errors.at(fields, format_args!("a column holds one value, and this has several; {hint}"));
            None
        }
    }
}

fn variants<'a>(
    input: &DeriveInput,
    data: &'a syn::DataEnum,
    as_numbers: bool,
    case: Option<Case>,
    errors: &mut Errors,
) -> Option<Value<'a>> {
    if data.variants.is_empty() {
        errors.at(&input.ident, "an `enum` without variants has no values to store");
        return None;
    }
    let mut texts = Vec::new();
    let mut numbers = Vec::new();
    let mut seen = HashMap::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            errors.at(
                &variant.fields,
                "a variant with fields is more than one column: let a field hold it as JSON, `syncline::Json<..>`",
            );
        }
        let text = text(variant, as_numbers, case, errors);
        if as_numbers {
            if variant.discriminant.is_none() && matches!(variant.fields, Fields::Unit) {
                errors.at(
                    &variant.ident,
                    "give the number to store, as in `Open = 1`: it must not change when variants are added or moved",
                );
            }
            numbers.push(&variant.ident);
        } else if let Some(other) = seen.insert(text.clone(), &variant.ident) {
            errors.at(variant, format_args!("`{other}` is stored as `{text}` already"));
        }
        texts.push((&variant.ident, text));
    }
    Some(if as_numbers { Value::Numbers(numbers) } else { Value::Texts(texts) })
}

/// The text that is stored for `variant`: its `value = ".."`, or its name in `case`.
fn text(variant: &syn::Variant, as_numbers: bool, case: Option<Case>, errors: &mut Errors) -> String {
    let mut given: Given<LitStr> = Given::Absent;
    for entry in entries(&variant.attrs, "value = \"..\"", errors) {
        if entry.key != "value" {
            let hint = did_you_mean(&entry.key.to_string(), ["value"], "a variant takes `value`");
            errors.at(&entry.key, format_args!("unknown key `{}`; {hint}", entry.key));
        } else if as_numbers {
            errors.at(&entry.key, "an `integer` enum stores numbers: write `= 1` behind the variant");
        } else {
            given.fill(&entry, errors, Entry::text);
        }
    }
    let name = variant.ident.unraw().to_string();
    given.as_option().map_or_else(|| case.map_or(name.clone(), |case| case.of(&name)), LitStr::value)
}

impl Value<'_> {
    /// The type of the wrapped field. The impl of a generic struct needs a bound on it.
    pub(super) fn wrapped_type(&self) -> Option<&Type> {
        match self {
            Self::Wrapped { ty, .. } => Some(ty),
            Self::Texts(_) | Self::Numbers(_) => None,
        }
    }
}

//! The rules of a model: one function for each rule, with its reason above it.

use std::collections::HashMap;

use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{LitStr, PathArguments, Type};

use super::ast::Declaration;
use super::evolution;
use super::field::Field;
use super::field_types::{is_record_id, last_segment, optional};
use super::layout::{Columns, IMPLIED, Model};
use super::literal;
use super::template::{self, Piece};
use crate::attribute::Given;
use crate::errors::{Errors, did_you_mean};

/// The width, in characters, of the store's columns for the names of models and profiles.
pub(crate) const LONGEST_NAME: usize = 40;

/// Checks every rule. Returns the model if all its required parts are present, even if a rule was broken.
pub(super) fn check<'a>(declaration: &'a Declaration, errors: &mut Errors) -> Option<Model<'a>> {
    profile_and_model_are_named(declaration, errors);
    names_fit_morango(declaration, errors);
    depends_on_others(declaration, errors);
    profiles_are_different(declaration, errors);
    let fields = declaration.fields.as_deref()?;
    exactly_one_id(declaration, fields, errors);
    for field in fields {
        id_stands_for_itself(field, errors);
        local_fields_are_not_written(field, errors);
        references_are_record_ids(field, errors);
        deletions_are_of_references(field, errors);
        id_has_no_default(field, errors);
        default_is_a_value_of_a_column(field, errors);
        type_has_one_meaning(field, errors);
        rules_fit(field, errors);
    }
    unique_keys_name_fields(declaration, fields, errors);
    one_self_reference(declaration, fields, errors);
    columns_and_keys_are_unique(fields, errors);
    discriminator_is_written(declaration, fields, errors);
    templates_name_fields(declaration, fields, errors);
    one_way_to_an_identity(declaration, errors);
    partition_without_is_for_what_may_be_missing(declaration, fields, errors);
    evolution::check(declaration, fields, errors);
    Model::lay_out(declaration, fields)
}

/// Checks the rules of a struct whose fields several models share.
pub(super) fn check_shared<'a>(declaration: &'a Declaration, errors: &mut Errors) -> Option<Columns<'a>> {
    let fields = declaration.fields.as_deref()?;
    for field in fields {
        belongs_to_no_model(field, errors);
        local_fields_are_not_written(field, errors);
        references_are_record_ids(field, errors);
        deletions_are_of_references(field, errors);
        default_is_a_value_of_a_column(field, errors);
        type_has_one_meaning(field, errors);
        rules_fit(field, errors);
    }
    columns_and_keys_are_unique(fields, errors);
    evolution::check(declaration, fields, errors);
    Some(Columns::lay_out(declaration, fields))
}

/// The struct is part of several models, each with its own id and its own name.
fn belongs_to_no_model(field: &Field, errors: &mut Errors) {
    if field.name() == "id" {
        errors.at(
            &field.ident,
            "each model declares its own `id`; leave it out of the fields that models share",
        );
    }
    if let Some(flag) = field.self_reference.as_option() {
        errors.at(
            flag,
            "the struct is no model, so it has no self-reference: write `references = ..` with the model",
        );
    }
}

fn profile_and_model_are_named(declaration: &Declaration, errors: &mut Errors) {
    let ident = &declaration.ident;
    match (&declaration.profile, &declaration.model) {
        (Given::Absent, Given::Absent) => errors.at(
            ident,
            "a model names its profile and itself: add `#[syncable(profile = .., model = \"..\")]`",
        ),
        (Given::Absent, _) => {
            errors.at(ident, "a model names its profile: add `profile = ..` to its `#[syncable(..)]`");
        }
        (_, Given::Absent) => {
            errors
                .at(ident, "a model has a name in the store: add `model = \"..\"` to its `#[syncable(..)]`");
        }
        _ => {}
    }
}

/// The store keeps names in columns of limited width. An empty name would match no model.
fn names_fit_morango(declaration: &Declaration, errors: &mut Errors) {
    if let Some(model) = declaration.model.as_option() {
        let length = model.value().chars().count();
        if length > LONGEST_NAME {
            errors.at(
                model,
                format_args!("a model name has at most {LONGEST_NAME} characters, and this has {length}"),
            );
        }
        not_empty(model, "a model name", errors);
    }
    if let Some(table) = declaration.table.as_option() {
        not_empty(table, "a table name", errors);
    }
    // An empty partition is the root of the tree. An empty source id is an error of Morango's.
    if let Some(template) = declaration.source_id.as_option() {
        not_empty(template, "a source id", errors);
    }
}

fn not_empty(text: &LitStr, what: &str, errors: &mut Errors) {
    if text.value().is_empty() {
        errors.at(text, format_args!("{what} cannot be empty"));
    }
}

/// A model that depends on itself could never come first. A tree is declared with `self_reference`.
fn depends_on_others(declaration: &Declaration, errors: &mut Errors) {
    for path in declaration.depends_on.as_option().into_iter().flatten() {
        if declaration.is_itself(path) {
            errors.at(
                path,
                "a model cannot depend on itself; a field that refers to its own model says `self_reference`",
            );
        }
    }
}

fn profiles_are_different(declaration: &Declaration, errors: &mut Errors) {
    let profiles = declaration.profile.as_option().map_or(&[][..], Vec::as_slice);
    for (index, profile) in profiles.iter().enumerate() {
        if profiles[..index].contains(profile) {
            errors.at(
                profile,
                format_args!("`{}` is given twice", profile.to_token_stream().to_string().replace(' ', "")),
            );
        }
    }
}

fn exactly_one_id(declaration: &Declaration, fields: &[Field], errors: &mut Errors) {
    match fields.iter().find(|field| field.name() == "id") {
        None => errors.at(&declaration.ident, "a model has a field `id: RecordId`"),
        Some(id) if !is_record_id(&id.ty) => {
            errors.at(&id.ty, "the `id` of a model is a `RecordId`");
        }
        Some(_) => {}
    }
}

/// The store finds a record by its id. So the id cannot be renamed, `local` or a reference.
fn id_stands_for_itself(field: &Field, errors: &mut Errors) {
    if field.name() != "id" {
        return;
    }
    if let Some(local) = field.local.as_option() {
        errors.at(local, "the `id` of a record is the same on every machine, so it cannot be `local`");
    }
    for renamed in [&field.column, &field.key].into_iter().filter_map(Given::as_option) {
        errors.at(renamed, "the `id` of a model keeps its name");
    }
    for target in field.targets() {
        errors.at(target, "the `id` of a model refers to nothing else");
    }
    if let Some(flag) = field.self_reference.as_option() {
        errors.at(flag, "the `id` of a model refers to nothing else");
    }
}

fn local_fields_are_not_written(field: &Field, errors: &mut Errors) {
    if !field.is_local() {
        return;
    }
    if let Some(key) = field.key.as_option() {
        errors.at(key, "a `local` field is not written, so it has no `key`");
    }
    if let Some(flag) = field.nested.as_option() {
        errors.at(flag, "a `local` field is not written, so it is not `nested`");
    }
    for target in field.targets() {
        errors.at(target, "a `local` field stays on this machine, so it cannot be a reference");
    }
    if let Some(flag) = field.self_reference.as_option() {
        errors.at(flag, "a `local` field stays on this machine, so it cannot be a reference");
    }
}

fn references_are_record_ids(field: &Field, errors: &mut Errors) {
    let is_reference = !field.targets().is_empty() || field.self_reference.as_option().is_some();
    if is_reference && field.name() != "id" && !is_record_id(optional(&field.ty).unwrap_or(&field.ty)) {
        errors.at(&field.ty, "a reference is a `RecordId` or an `Option<RecordId>`");
    }
}

/// `on_delete` needs a reference, and `set_null` needs a column that may be `NULL`.
fn deletions_are_of_references(field: &Field, errors: &mut Errors) {
    let Some(on_delete) = field.on_delete.as_option() else { return };
    let is_reference =
        !matches!(field.references, Given::Absent) || !matches!(field.self_reference, Given::Absent);
    if !is_reference {
        errors.at(
            on_delete,
            "`on_delete` sets what happens to a record when the record that it refers to is deleted, but this field is not a \
             reference: add `references = ..`",
        );
    } else if on_delete == "set_null" && optional(&field.ty).is_none() {
        errors.at(on_delete, "only an `Option<RecordId>` can be set to null");
    }
}

/// An id is random or computed from the record, so it has no default.
fn id_has_no_default(field: &Field, errors: &mut Errors) {
    if let Some(default) = field.default.as_option()
        && field.name() == "id"
    {
        errors.at(default, "no two records have the same `id`, so it has no default");
    }
}

/// A default that fits no column at all. A constant of the expansion compares the others with the field's type.
fn default_is_a_value_of_a_column(field: &Field, errors: &mut Errors) {
    if let Some(literal) = field.default.as_option()
        && let Err(message) = literal::default_of(literal)
    {
        errors.at(literal, message);
    }
}

/// Some types look as if a column could hold them. They get a message of their own instead of "`FieldValue` is not
/// implemented".
fn type_has_one_meaning(field: &Field, errors: &mut Errors) {
    if let Some((ty, message)) = misunderstood(&field.ty) {
        errors.at(ty, message);
    }
}

/// Returns the part of `ty` that cannot be a field, and the message that says what to use instead.
pub(super) fn misunderstood(ty: &Type) -> Option<(&Type, &'static str)> {
    let inner = optional(ty).unwrap_or(ty);
    if optional(inner).is_some() {
        return Some((
            ty,
            "a column has only one `NULL`, so it cannot hold an `Option` of an `Option`: use one `Option`",
        ));
    }
    if matches!(inner, Type::Reference(_)) {
        let message = "a record owns its values: use `String` for `&str`, `Vec<u8>` for `&[u8]`";
        return Some((inner, message));
    }
    let (name, PathArguments::None) = last_segment(inner)? else { return None };
    let message = match name.to_string().as_str() {
        "usize" => "a `usize` is not of the same size everywhere: use `u32` or `u64`",
        "isize" => "an `isize` is not of the same size everywhere: use `i32` or `i64`",
        "u128" => "a column holds 64 bits, and a `u128` has more: use `u64`, or text",
        "i128" => "a column holds 64 bits, and an `i128` has more: use `i64`, or text",
        _ => return None,
    };
    Some((inner, message))
}

fn rules_fit(field: &Field, errors: &mut Errors) {
    let is_reference = !field.targets().is_empty() || field.self_reference.as_option().is_some();
    field.rules.check(field.name() == "id", field.is_local(), is_reference, errors);
}

/// A unique key is the same on every machine: two machines would refuse each other's records otherwise.
fn unique_keys_name_fields(declaration: &Declaration, fields: &[Field], errors: &mut Errors) {
    let on_fields = fields.iter().filter_map(|field| field.rules.unique.as_option());
    if let Some(first) = declaration.unique.iter().flatten().next().or_else(|| on_fields.into_iter().next())
        && declaration.discriminator.as_option().is_some()
    {
        errors.at(
            first,
            "a model with a `discriminator` shares its table, so a unique key would hold for the records of all models of the table: \
             give the model a table of its own",
        );
    }
    for key in &declaration.unique {
        for (index, name) in key.iter().enumerate() {
            let text = name.unraw().to_string();
            if key[..index].contains(name) {
                errors.at(name, format_args!("`{text}` is given twice"));
            }
            match fields.iter().find(|field| field.ident == *name) {
                None if !declaration.flattened.is_empty() => not_the_whole(declaration, name, &text, errors),
                None => {
                    let known: Vec<_> = fields.iter().map(Field::name).collect();
                    let hint = did_you_mean(
                        &text,
                        known.iter().map(String::as_str),
                        "`unique` names fields of the model",
                    );
                    errors.at(name, format_args!("no field `{text}`; {hint}"));
                }
                Some(field) if field.is_local() => errors
                    .at(name, "a unique key is the same on every machine, so it cannot have a `local` field"),
                Some(field) if field.name() == "id" => {
                    errors.at(name, "no two records have the same `id`, so a unique key does not need it");
                }
                Some(_) => {}
            }
        }
    }
}

/// The store has one column for a self-reference, `_self_ref_fk`.
fn one_self_reference(declaration: &Declaration, fields: &[Field], errors: &mut Errors) {
    let mut first: Option<&Field> = None;
    for field in fields {
        let itself = field.targets().iter().find(|path| declaration.is_itself(path));
        let tokens = match (field.self_reference.as_option(), itself) {
            (Some(flag), _) => flag.to_token_stream(),
            (None, Some(path)) => path.to_token_stream(),
            (None, None) => continue,
        };
        match first {
            None => first = Some(field),
            Some(first) => errors.at(
                tokens,
                format_args!(
                    "a model has one self-reference, and `{}` already refers to itself with `{}`",
                    declaration.ident,
                    first.name()
                ),
            ),
        }
    }
}

/// The names of `SQLite`'s row number. The row number selects the rows to read and the dirty bits to clear, so no
/// column may hide it.
const ROWID: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// `SQLite` compares column names without case.
fn columns_and_keys_are_unique(fields: &[Field], errors: &mut Errors) {
    let mut columns = HashMap::new();
    let mut keys = HashMap::new();
    for field in fields {
        let column = field.column();
        if let Some(column) = field.column.as_option() {
            not_empty(column, "a column name", errors);
        }
        let folded = column.to_ascii_lowercase();
        if IMPLIED.contains(&folded.as_str()) {
            errors.at(
                own_tokens(field, &field.column),
                format_args!("every model has the column `{column}` already; leave it out"),
            );
        } else if ROWID.contains(&folded.as_str()) {
            errors.at(
                own_tokens(field, &field.column),
                format_args!(
                    "`{column}` is SQLite's name for the number of a row; give the column another name with \
                     `#[syncable(column = \"..\")]`"
                ),
            );
        } else if let Some(other) = columns.insert(folded, field) {
            errors.at(
                own_tokens(field, &field.column),
                format_args!("the column `{column}` already belongs to the field `{}`", other.name()),
            );
        }

        let key = field.key();
        if field.is_local() || IMPLIED.contains(&column.as_str()) {
            continue;
        }
        if IMPLIED.contains(&key.as_str()) {
            errors.at(
                own_tokens(field, &field.key),
                format_args!("every record has the key `{key}` already; choose another"),
            );
        } else if let Some(other) = keys.insert(key.clone(), field) {
            errors.at(
                own_tokens(field, &field.key),
                format_args!("the key `{key}` already belongs to the field `{}`", other.name()),
            );
        }
    }
}

/// The tokens that name the column or key of `field`: `given`, or else the field's identifier.
fn own_tokens(field: &Field, given: &Given<LitStr>) -> proc_macro2::TokenStream {
    given.as_option().map_or_else(|| field.ident.to_token_stream(), LitStr::to_token_stream)
}

/// The discriminator separates the models of one table, so other machines need it as well.
fn discriminator_is_written(declaration: &Declaration, fields: &[Field], errors: &mut Errors) {
    let Some((name, _)) = declaration.discriminator.as_option() else { return };
    match fields.iter().find(|field| field.ident == *name) {
        None if !declaration.flattened.is_empty() => {
            not_the_whole(declaration, name, &name.to_string(), errors);
        }
        None => {
            let known: Vec<_> = fields.iter().map(Field::name).collect();
            let hint = did_you_mean(
                &name.to_string(),
                known.iter().map(String::as_str),
                "a discriminator names a field of the model",
            );
            errors.at(name, format_args!("no field `{name}`; {hint}"));
        }
        Some(field) if field.is_local() => {
            errors.at(name, "a discriminator syncs with the record, so its field cannot be `local`");
        }
        Some(_) => {}
    }
}

/// A name that is no field of the struct may be a field of a flattened one, where the expansion looks for it. It is not the
/// flattened field itself.
fn not_the_whole(declaration: &Declaration, tokens: impl quote::ToTokens, name: &str, errors: &mut Errors) {
    if declaration.flattened.iter().any(|flattened| flattened.name() == name) {
        errors.at(tokens, format_args!("`{name}` is flattened: name one of the fields of its struct"));
    }
}

/// The templates of `declaration`, and a noun for each, for messages.
fn templates(declaration: &Declaration) -> Vec<(&LitStr, &'static str)> {
    let without = declaration.partition_without.as_option().map(|(_, template)| (template, "a partition"));
    let partition = declaration.partition.as_option().map(|template| (template, "a partition"));
    let source_id = declaration.source_id.as_option().map(|template| (template, "a source id"));
    partition.into_iter().chain(without).chain(source_id).collect()
}

/// A partition and a source id are the same on every machine. A record in which a field of them is `None` is refused when
/// it is inserted.
fn templates_name_fields(declaration: &Declaration, fields: &[Field], errors: &mut Errors) {
    for (template, what) in templates(declaration) {
        let text = template.value();
        let pieces = match template::parse(&text) {
            Ok(pieces) => pieces,
            Err(message) => {
                let what = what.strip_prefix("a ").unwrap_or(what);
                errors.at(template, format_args!("{message} in this {what}"));
                continue;
            }
        };
        let source_id = declaration.source_id.as_option().is_some_and(|source_id| source_id == template);
        let is_alone = pieces.len() == 1;
        for piece in pieces {
            let Piece::Field { name, .. } = piece else { continue };
            let Some(field) = fields.iter().find(|field| field.name() == name) else {
                if !declaration.flattened.is_empty() {
                    not_the_whole(declaration, template, name, errors);
                    continue;
                }
                let known: Vec<_> = fields.iter().map(Field::name).collect();
                let hint = did_you_mean(
                    name,
                    known.iter().map(String::as_str),
                    "the name between braces is a field of the model",
                );
                errors.at(template, format_args!("no field `{name}`; {hint}"));
                continue;
            };
            if field.is_local() {
                errors.at(
                    template,
                    format_args!(
                        "{what} is the same on every machine, so it cannot hold the `local` field `{name}`"
                    ),
                );
            } else if source_id && name == "id" && !is_alone {
                errors.at(
                    template,
                    "the id is computed from the source id; only `source_id = \"{id}\"` may name it, for a model whose ids \
                     the app chooses",
                );
            }
        }
    }
}

/// A source id is made by a template or a function. An id that the app chooses is not computed.
fn one_way_to_an_identity(declaration: &Declaration, errors: &mut Errors) {
    let Declaration { source_id, source_id_with, id_with, .. } = declaration;
    if let (Some(path), Some(_)) = (source_id_with.as_option(), source_id.as_option()) {
        errors.at(path, "a source id is made by `source_id` or by `source_id_with`: leave one out");
    }
    if let Some(path) = id_with.as_option()
        && source_id.as_option().is_some_and(|source_id| source_id.value() == "{id}")
    {
        errors.at(path, "the app chooses the ids of this model, so no function computes them");
    }
}

/// `partition_without` gives the partition of records in which one field is `NULL`. It needs a `partition` and an
/// optional field.
fn partition_without_is_for_what_may_be_missing(
    declaration: &Declaration,
    fields: &[Field],
    errors: &mut Errors,
) {
    let Some((name, template)) = declaration.partition_without.as_option() else { return };
    if matches!(declaration.partition, Given::Absent) {
        errors.at(name, "add `partition = \"..\"` as well, for the records that have the field");
    }
    let own_name = name.unraw().to_string();
    let names_it = template::parse(&template.value()).is_ok_and(|pieces| {
        pieces.iter().any(|piece| matches!(piece, Piece::Field { name, .. } if own_name == *name))
    });
    if names_it {
        errors.at(
            template,
            format_args!("this is the partition of records without `{name}`, so it cannot contain it"),
        );
    }
    let Some(field) = fields.iter().find(|field| field.ident == *name) else {
        if !declaration.flattened.is_empty() {
            return not_the_whole(declaration, name, &name.to_string(), errors);
        }
        let known: Vec<_> = fields.iter().map(Field::name).collect();
        let hint = did_you_mean(
            &name.to_string(),
            known.iter().map(String::as_str),
            "`partition_without` names a field that may be `None`",
        );
        return errors.at(name, format_args!("no field `{name}`; {hint}"));
    };
    if optional(&field.ty).is_none() {
        errors.at(name, format_args!("`{name}` is not an `Option`, so it is never `None`"));
    }
}

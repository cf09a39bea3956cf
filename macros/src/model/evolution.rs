//! The rules of `renamed_from` and `retired`, which say how a declaration follows from an earlier version of the app.

use syn::LitStr;

use super::ast::Declaration;
use super::field::Field;
use crate::attribute::Given;
use crate::errors::Errors;

pub(super) fn check(declaration: &Declaration, fields: &[Field], errors: &mut Errors) {
    table_has_a_new_name(declaration, errors);
    for field in fields {
        column_has_a_new_name(field, fields, errors);
        renamed_field_keeps_its_key(field, errors);
    }
    retired_columns_do_not_sync(declaration, fields, errors);
}

/// Ids are made of the model's name, so only the table can be renamed. `table = ".."` makes that visible: without it, the new
/// name would be the name of the model.
fn table_has_a_new_name(declaration: &Declaration, errors: &mut Errors) {
    let Some(old) = declaration.renamed_from.as_option() else { return };
    if !is_a_name(old, errors) {
        return;
    }
    match &declaration.table {
        Given::Absent => errors.at(
            old,
            "`renamed_from` on a struct renames its table: add `table = \"..\"` with the new name, and keep the `model`, which the \
             ids are made of",
        ),
        Given::Value(table) if table.value().eq_ignore_ascii_case(&old.value()) => {
            errors.at(old, format_args!("the table is already named `{}`", table.value()));
        }
        Given::Value(_) | Given::Invalid => {}
    }
}

fn column_has_a_new_name(field: &Field, fields: &[Field], errors: &mut Errors) {
    let Some(old) = field.renamed_from.as_option() else { return };
    if !is_a_name(old, errors) {
        return;
    }
    let name = old.value();
    if field.name() == "id" {
        errors.at(old, "the `id` of a model keeps its name");
    } else if field.column().eq_ignore_ascii_case(&name) {
        errors.at(old, format_args!("the column is already named `{name}`"));
    } else if let Some(other) = fields.iter().find(|other| other.column().eq_ignore_ascii_case(&name)) {
        errors.at(old, format_args!("the column `{name}` belongs to the field `{}`", other.name()));
    }
}

/// Peers know a field by its key. Without a `key`, the new name of the field would be its key.
fn renamed_field_keeps_its_key(field: &Field, errors: &mut Errors) {
    let Some(old) = field.renamed_from.as_option() else { return };
    if !field.is_local() && field.name() != "id" && matches!(field.key, Given::Absent) {
        errors.at(
            old,
            format_args!(
                "a renamed field keeps the key that other machines know: add `key = \"{}\"`, or the `key` that the field had",
                old.value()
            ),
        );
    }
}

fn retired_columns_do_not_sync(declaration: &Declaration, fields: &[Field], errors: &mut Errors) {
    for retired in declaration.retired.as_option().into_iter().flatten() {
        if !is_a_name(retired, errors) {
            continue;
        }
        let name = retired.value();
        let syncs = |field: &&Field| {
            !field.is_local() && (field.column().eq_ignore_ascii_case(&name) || field.key() == name)
        };
        if let Some(field) = fields.iter().find(syncs) {
            errors.at(
                retired,
                format_args!(
                    "`{name}` is not retired: the field `{}` syncs, unless it is `local`",
                    field.name()
                ),
            );
        }
    }
}

fn is_a_name(name: &LitStr, errors: &mut Errors) -> bool {
    let is_empty = name.value().is_empty();
    if is_empty {
        errors.at(name, "an earlier name cannot be empty");
    }
    !is_empty
}

//! Fields with `#[syncable(flatten)]`: the columns of the model include those of the field's struct.

use quote::ToTokens;
use syn::{Ident, Type};

use super::field::Field;
use super::field_types::{is_record_id, optional};
use crate::attribute::Given;
use crate::errors::Errors;

/// A field whose struct has columns of the model.
pub(super) struct Flattened {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    /// The number of fields before it that are not flattened.
    pub(super) before: usize,
}

impl Flattened {
    /// The field's name, without the `r#` of a raw identifier.
    pub(super) fn name(&self) -> String {
        use syn::ext::IdentExt as _;

        self.ident.unraw().to_string()
    }
}

/// Separates the flattened fields from the others, and reports their mistakes.
pub(super) fn split(fields: Vec<Field>, errors: &mut Errors) -> (Vec<Field>, Vec<Flattened>) {
    let (mut others, mut flattened) = (Vec::new(), Vec::new());
    for field in fields {
        if matches!(field.flatten, Given::Absent) {
            others.push(field);
            continue;
        }
        has_no_column_of_its_own(&field, errors);
        if optional(&field.ty).is_some() {
            errors.at(
                &field.ty,
                "a flattened struct is always there, so it cannot be an `Option`; its fields can be",
            );
        } else if field.name() == "id" || is_record_id(&field.ty) {
            errors.at(&field.ty, "only a struct with `#[derive(SyncableFields)]` can be flattened");
        } else {
            let before = others.len();
            flattened.push(Flattened { ident: field.ident, ty: field.ty, before });
        }
    }
    (others, flattened)
}

/// The other keys describe a column, and a flattened field has those of its struct.
fn has_no_column_of_its_own(field: &Field, errors: &mut Errors) {
    let tokens = [
        (
            "references",
            field.references.as_option().and_then(|paths| paths.first()).map(ToTokens::to_token_stream),
        ),
        ("self_reference", field.self_reference.as_option().map(ToTokens::to_token_stream)),
        ("on_delete", field.on_delete.as_option().map(ToTokens::to_token_stream)),
        ("local", field.local.as_option().map(ToTokens::to_token_stream)),
        ("column", field.column.as_option().map(ToTokens::to_token_stream)),
        ("key", field.key.as_option().map(ToTokens::to_token_stream)),
        ("default", field.default.as_option().map(ToTokens::to_token_stream)),
        ("renamed_from", field.renamed_from.as_option().map(ToTokens::to_token_stream)),
        ("nested", field.nested.as_option().map(ToTokens::to_token_stream)),
    ];
    let tokens = tokens.into_iter().filter_map(|(key, tokens)| Some((key, tokens?)));
    for (key, tokens) in tokens.chain(field.rules.given()) {
        errors.at(
            tokens,
            format_args!("a flattened field is several columns: give `{key}` to the fields of its struct"),
        );
    }
}

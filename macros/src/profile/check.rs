//! The rules of a profile that its tokens show. Rules about the references between models need the models themselves:
//! `Listing` checks them in constants of the expansion.

use quote::ToTokens as _;

use super::ast::{Declaration, Listed};
use crate::errors::Errors;
use crate::model::LONGEST_NAME;

pub(super) fn check(declaration: &Declaration, errors: &mut Errors) {
    name_fits_morango(declaration, errors);
    has_models(declaration, errors);
    lists_each_model_once(declaration, errors);
}

/// The store keeps the profile's name in a column of limited width.
fn name_fits_morango(declaration: &Declaration, errors: &mut Errors) {
    let name = &declaration.name;
    let length = name.value().chars().count();
    if length == 0 {
        errors.at(name, "a profile name cannot be empty");
    }
    if length > LONGEST_NAME {
        errors.at(
            name,
            format_args!("a profile name has at most {LONGEST_NAME} characters, and this has {length}"),
        );
    }
}

fn has_models(declaration: &Declaration, errors: &mut Errors) {
    if declaration.models.is_empty() && errors.is_empty() {
        errors.at(&declaration.ident, "a profile lists at least one model");
    }
}

fn lists_each_model_once(declaration: &Declaration, errors: &mut Errors) {
    for (index, Listed { condition, path }) in declaration.models.iter().enumerate() {
        // Models under a condition may exclude each other. If they do not, the compiler reports two impls of `Lists`.
        let is_listed =
            |before: &Listed| before.path == *path && before.condition.is_none() && condition.is_none();
        if declaration.models[..index].iter().any(is_listed) {
            errors.at(
                path,
                format_args!("`{}` is listed twice", path.to_token_stream().to_string().replace(' ', "")),
            );
        }
    }
}

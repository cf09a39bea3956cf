//! `derive(Syncable)`, in four steps: parse (`ast`), check the rules (`check`), resolve names and order (`layout`),
//! generate code (`expand`).

mod ast;
mod check;
mod definition;
mod evolution;
mod expand;
mod field;
mod field_types;
mod flattened;
mod hooks;
mod keys;
mod layout;
mod literal;
mod parts;
mod receive;
mod rule_types;
mod rule_values;
mod rules;
mod stub;
mod template;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::errors::Errors;
use crate::root::Root;

pub(crate) use check::LONGEST_NAME;

/// Expands the derive for `input`. After a mistake the output is the errors and a stub of the impl.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let declaration = ast::Declaration::parse(&input, &mut errors);
    let model = check::check(&declaration, &mut errors);
    match errors.finish(model) {
        Ok(model) => expand::expand(&model),
        Err(error) => {
            let root = declaration.root.as_option().cloned().map(Root::new).unwrap_or_default();
            let fields = declaration.fields.as_deref().unwrap_or_default();
            stub::of_model(&input, fields, &error, &root)
        }
    }
}

/// Expands `derive(SyncableFields)` for `input`. After a mistake the output is the errors and a stub of the impl.
pub(crate) fn derive_shared(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let declaration = ast::Declaration::parse_shared(&input, &mut errors);
    let columns = check::check_shared(&declaration, &mut errors);
    match errors.finish(columns) {
        Ok(columns) => expand::expand_shared(&columns),
        Err(error) => {
            let root = declaration.root.as_option().cloned().map(Root::new).unwrap_or_default();
            let fields = declaration.fields.as_deref().unwrap_or_default();
            stub::of_shared(&input, fields, &error, &root)
        }
    }
}

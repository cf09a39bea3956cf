//! `derive(FieldValue)`, in two steps: parse and check (`ast`), generate code (`expand`).

mod ast;
mod case;
mod expand;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::errors::Errors;

/// Expands the derive for `input`. After a mistake the output is the errors and a stub of the impl.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let declaration = ast::Declaration::parse(&input, &mut errors);
    let root = declaration.root();
    match errors.finish(declaration.into_value()) {
        Ok(value) => expand::expand(&input, &value, &root),
        Err(error) => expand::stub(&input, &error, &root),
    }
}

//! `profile!`, in three steps: parse (`ast`), check the rules (`check`), generate code (`expand`).

mod ast;
mod check;
mod expand;
mod options;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

/// Expands `profile!` for `input`. After a mistake the output is the errors and a stub of the profile.
pub(crate) fn profile(input: TokenStream) -> TokenStream {
    let mut declaration: ast::Declaration = match syn::parse2(input) {
        Ok(declaration) => declaration,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = std::mem::take(&mut declaration.errors);
    check::check(&declaration, &mut errors);
    match errors.finish(Some(())) {
        Ok(()) => expand::expand(&declaration),
        Err(error) => expand::stub(&declaration, &error),
    }
}

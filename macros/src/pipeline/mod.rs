//! `pipeline!`: split, parse, check, expand.

mod ast;
mod call;
mod check;
mod expand;
mod expand_operator;
mod function;
mod graph;
mod lifetimes;
mod mention;
mod on_error;
mod operator;
mod part;
mod place;
mod policy;
mod role;
mod several;
mod split;
#[cfg(test)]
mod tests;
mod text;

use proc_macro2::TokenStream;

use self::ast::{Arguments, Kind};

pub(crate) fn pipeline(input: TokenStream) -> TokenStream {
    let mut declaration: ast::Declaration = match syn::parse2(input) {
        Ok(declaration) => declaration,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = std::mem::take(&mut declaration.errors);
    check::check(&mut declaration, &mut errors);
    if declaration.part.is_none() {
        lifetimes::name_lifetimes(&mut declaration, &mut errors);
    }
    if !errors.is_empty() {
        // Tokens that are no Rust would hide what else is wrong, so they are reported and left out.
        for piece in &mut declaration.pieces {
            if let Kind::Unparsed(error) | Kind::Operator(_, _, Arguments::Unparsed(_, error)) = &piece.kind {
                errors.push(error.clone());
                piece.kind = Kind::Mistake;
            }
        }
    }
    expand::expand(&declaration, errors.into_inner())
}

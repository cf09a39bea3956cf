//! `pipeline!`: split, parse, check, expand.

mod argument;
mod ast;
mod captured;
mod check;
mod check_arguments;
mod check_chunks;
mod check_expressions;
mod closures;
mod constructor;
mod expand;
mod expand_clauses;
mod expand_operator;
mod expand_parallel;
mod expand_policy;
mod expand_sink;
mod expansion;
mod graph;
mod lifetimes;
mod members;
mod operator;
mod operators;
mod part;
mod policy;
mod slot;
mod span_range;
mod split;
#[cfg(test)]
mod tests;
mod text;

use proc_macro2::TokenStream;

use self::argument::Arguments;
use self::ast::PieceKind;

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
        // Tokens that are not Rust would hide the other errors, so they are reported and removed.
        for piece in &mut declaration.pieces {
            if let PieceKind::Unparsed(error) | PieceKind::Operator(_, _, Arguments::Unparsed(_, error)) =
                &piece.kind
            {
                errors.push(error.clone());
                piece.kind = PieceKind::Mistake;
            }
        }
    }
    expand::expand(&declaration, errors.into_inner())
}

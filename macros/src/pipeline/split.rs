//! The first step: the body of a pipeline, split at each `=>`.
//!
//! The tokens are split before they are parsed. An `=>` of a `match` is inside braces, so the split is always correct,
//! and a mistake in one piece does not affect the next one.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::{ToTokens as _, TokenStreamExt as _};

/// The tokens before an arrow or the end, and the arrow behind them.
pub(super) struct Split {
    pub(super) tokens: TokenStream,
    pub(super) arrow: Option<TokenStream>,
}

/// Splits `body` at each `=>` outside of brackets, and removes the documentation between its tokens.
pub(super) fn split(body: TokenStream) -> Vec<Split> {
    let mut pieces = Vec::new();
    let mut tokens = TokenStream::new();
    let mut body = body.into_iter().peekable();
    while let Some(token) = body.next() {
        match (&token, body.peek()) {
            (TokenTree::Punct(equals), Some(TokenTree::Punct(greater)))
                if equals.as_char() == '='
                    && equals.spacing() == Spacing::Joint
                    && greater.as_char() == '>' =>
            {
                let mut arrow = token.to_token_stream();
                arrow.extend(body.next());
                pieces.push(Split { tokens: std::mem::take(&mut tokens), arrow: Some(arrow) });
            }
            (TokenTree::Punct(hash), Some(TokenTree::Group(group)))
                if hash.as_char() == '#' && is_doc(group) =>
            {
                body.next();
            }
            _ => tokens.append(token),
        }
    }
    pieces.push(Split { tokens, arrow: None });
    pieces
}

/// True for the brackets of a comment of documentation.
fn is_doc(group: &Group) -> bool {
    group.delimiter() == Delimiter::Bracket
        && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(name)) if name == "doc")
}

#[cfg(test)]
mod tests {
    use super::split;
    use quote::quote;

    fn check(body: proc_macro2::TokenStream, expected: &[&str]) {
        let pieces: Vec<_> = split(body).iter().map(|piece| piece.tokens.to_string()).collect();
        assert_eq!(pieces, expected);
    }

    #[test]
    fn arrows_inside_brackets_do_not_count() {
        check(
            quote!(a => map(|x| match x { 1 => 2, _ => 3 }) => b),
            &["a", "map (| x | match x { 1 => 2 , _ => 3 })", "b"],
        );
    }

    #[test]
    fn missing_pieces_are_empty() {
        check(quote!(), &[""]);
        check(quote!(=> a => =>), &["", "a", "", ""]);
    }

    #[test]
    fn documentation_is_removed() {
        check(
            quote! {
                /// The source.
                a
                /// A stage.
                => #[cfg(unix)] b
            },
            &["a", "# [cfg (unix)] b"],
        );
    }

    #[test]
    fn comparisons_are_no_arrows() {
        check(quote!(a >= b => c <= d), &["a >= b", "c <= d"]);
    }
}

//! `SpanRange`: the tokens at which the compiler reports an error.
//!
//! If several errors have the same message or cause at the same place, the compiler shows one of them. Two places are
//! the same if their first and last tokens, and the hygiene of these, are the same. So the tokens of one value are
//! generated at one range.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::root::Root;

/// The spans of the first and the last token of a value.
#[derive(Clone, Copy)]
pub(super) struct SpanRange {
    pub(super) first: Span,
    pub(super) last: Span,
}

impl SpanRange {
    pub(super) fn of(tokens: &TokenStream) -> Self {
        let (first, last) = ends(tokens);
        Self { first, last }
    }

    /// The path of `name` in `module` of the crate.
    pub(super) fn path(self, root: &Root, module: &TokenStream, name: &str) -> TokenStream {
        let Self { first, last } = self;
        let (root, name) = (root.at(first), Ident::new(name, last));
        quote_spanned!(first=> #root::#module::#name)
    }

    /// Like [`path`](Self::path), for an item at the root of the crate.
    pub(super) fn path_of(self, root: &Root, name: &str) -> TokenStream {
        let Self { first, last } = self;
        let (root, name) = (root.at(first), Ident::new(name, last));
        quote_spanned!(first=> #root::#name)
    }

    /// `function` in braces. The compiler then reports a broken bound of the function at its name, and not at an argument.
    pub(super) fn in_braces(self, function: TokenStream) -> Group {
        let mut braces = Group::new(Delimiter::Brace, function);
        braces.set_span(self.first);
        braces
    }

    /// `arguments` in parentheses at the end of the range, so that a call with them covers the whole range.
    pub(super) fn arguments(self, arguments: TokenStream) -> Group {
        let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
        arguments.set_span(self.last);
        arguments
    }
}

/// The spans of the first and the last of `tokens`.
pub(super) fn ends(tokens: &TokenStream) -> (Span, Span) {
    let last = tokens.clone().into_iter().last().map_or_else(Span::call_site, |token| token.span());
    (first_span(tokens), last)
}

/// The span of the first of `tokens`.
pub(super) fn first_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

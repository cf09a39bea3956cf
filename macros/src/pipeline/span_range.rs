//! Where the compiler reports what is wrong with something.
//!
//! Of errors that say the same at one place it shows a single one. So what belongs together is generated at one place, down
//! to the last token: two spans are one only if their ends and their hygiene are.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::quote_spanned;

use super::expand::ends;
use crate::root::Root;

/// From the first to the last token of something.
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

    /// As [`path`](Self::path), of an item at the root of the crate.
    pub(super) fn path_of(self, root: &Root, name: &str) -> TokenStream {
        let Self { first, last } = self;
        let (root, name) = (root.at(first), Ident::new(name, last));
        quote_spanned!(first=> #root::#name)
    }

    /// `function` in braces. The compiler does not look for an error of its bounds among the arguments of the call.
    pub(super) fn in_braces(self, function: TokenStream) -> Group {
        let mut braces = Group::new(Delimiter::Brace, function);
        braces.set_span(self.first);
        braces
    }

    /// `arguments` in parentheses, where it ends: what is called with them is there, and nowhere else.
    pub(super) fn arguments(self, arguments: TokenStream) -> Group {
        let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
        arguments.set_span(self.last);
        arguments
    }
}

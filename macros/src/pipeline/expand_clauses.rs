//! The expansion of the clauses behind a stage, in the order of their effects: its name, its policies, its condition.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::closures::closure;
use super::expansion::Expansion;
use super::policy::{Named, Suffixes, When};
use super::span_range::SpanRange;

impl Expansion<'_> {
    /// The lines of the clauses behind a stage. `ends_a_segment` is true if the chain of stages ends behind it.
    pub(super) fn clauses(&self, suffixes: &Suffixes, ends_a_segment: bool) -> TokenStream {
        let pipeline = self.pipeline;
        let named = suffixes.named.as_ref().map(|named| {
            let call = name(named);
            quote!(let #pipeline = #pipeline #call;)
        });
        let policies = self.policies(suffixes);
        let when = suffixes.when.as_ref().map(|when| self.when(when));
        let boxed = ends_a_segment.then(|| self.boxed());
        quote!(#named #policies #when #boxed)
    }

    /// The line that switches the stage before it on or off.
    fn when(&self, When { keyword, condition }: &When) -> TokenStream {
        let (pipeline, span) = (self.pipeline, keyword.span());
        let root = self.root.at(span);
        let condition = self.wanted("IsCondition", condition);
        let fit = closure(
            &quote_spanned!(span=> wanted, item),
            &quote_spanned!(span=> #root::fit::Passes::fit(wanted, item, #root::fit::Joint)),
        );
        quote_spanned!(span=> let #pipeline = #root::__private::when(#pipeline, #condition, #fit);)
    }

    /// The line that puts the chain behind a pointer. A part has none: it does not know the lifetime of the stages
    /// before it, and a pointer would need it.
    pub(super) fn boxed(&self) -> TokenStream {
        if self.is_part {
            return TokenStream::new();
        }
        let (pipeline, SpanRange { first, last }) = (self.pipeline, self.source);
        let checked = self.source.path(self.root, &quote_spanned!(first=> __private), "checked");
        let (value, none) =
            (self.source.arguments(quote!(#pipeline)), self.source.arguments(TokenStream::new()));
        let boxed = Ident::new("boxed_or_unknown", last);
        quote_spanned!(first=> let #pipeline = #checked #value.#boxed #none;)
    }
}

/// The call of the method that names the part of a pipeline before it.
pub(super) fn name(Named { keyword, name }: &Named) -> TokenStream {
    let span: Span = keyword.span();
    let method = Ident::new("named", span);
    quote_spanned!(span=> .#method(#name))
}

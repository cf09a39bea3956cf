//! What stands for the policies of a stage or a sink.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::expand::{Expansion, closure, first_span};
use super::function::{held_against, of_any_item};
use super::policy::{PolicyKind, Retry, Suffixes};
use super::role::{Made, Role};

impl Expansion<'_> {
    /// What copies items, by a closure that checks that they keep to `rule`.
    pub(super) fn copies(&self, span: Span, rule: &str) -> TokenStream {
        let root = self.root.at(span);
        let rule = Ident::new(rule, span);
        let copy = closure(
            &quote_spanned!(span=> item),
            &quote_spanned!(span=> #root::fit::#rule::copy(#root::fit::Copies, item)),
        );
        quote_spanned!(span=> #root::__private::by(#copy))
    }

    /// The policies of a stage, as a line of their own.
    pub(super) fn policies(&self, suffixes: &Suffixes) -> Option<TokenStream> {
        let pipeline = self.pipeline;
        let policy = self.policy(suffixes)?;
        let span = suffixes.policies.first()?.on_error.span();
        let (method, given) = (Ident::new("on_error", span), given(span));
        let root = self.root.at(span);
        let given = puts_away(suffixes)
            .then(|| quote_spanned!(span=> let #given = #root::__private::given(&#pipeline);));
        Some(quote! {
            #given
            let #pipeline = #pipeline.#method(#policy);
        })
    }

    /// The policies, as one: what a first would fail the run for, the next decides.
    pub(super) fn policy(&self, suffixes: &Suffixes) -> Option<TokenStream> {
        let policies = suffixes.policies.iter().filter_map(|policy| {
            let span = policy.on_error.span();
            let root = self.root.at(span);
            let copies = self.copies(span, "IsKept");
            Some(match &policy.kind {
                PolicyKind::Fail => return None,
                PolicyKind::Skip(limit) => {
                    let limit = self.wanted("IsLimit", limit);
                    quote_spanned!(span=> #root::skip(#limit))
                }
                PolicyKind::Retry(retry) => {
                    let Retry { times, backoff, when } = &**retry;
                    let (times, backoff) = (self.wanted("IsTimes", times), self.wanted("IsWait", backoff));
                    let when = when.as_ref().map_or_else(
                        || quote!(|_| true),
                        |when| {
                            let rule = held_against(self.root, "Retries", when, &TokenStream::new());
                            let when = of_any_item(self.root, when);
                            quote_spanned!(span=> #root::__private::of_error(#when, #rule))
                        },
                    );
                    quote_spanned!(span=> #root::__private::retry(#times, #backoff, #when, #copies))
                }
                PolicyKind::DeadLetter(sink) => {
                    let at = first_span(&sink.to_token_stream());
                    let given = given(span);
                    let letters = quote_spanned!(span=> #root::__private::letters(#given));
                    let sink = sink.to_token_stream();
                    let Made { said, value, place } = self.part(Role::OtherSink, &sink, |_| letters);
                    let fit = self.fit(at, "FitsSink");
                    let put_away = place.path(self.root, &quote_spanned!(at=> __private), "dead_letter");
                    let policy = quote_spanned!(span=> { #said (#put_away)(#given, #value, #fit, #copies) });
                    if !self.commits {
                        return Some(policy);
                    }
                    let letters = Ident::new("letters", Span::mixed_site().located_at(span));
                    quote_spanned! {span=>
                        {
                            #[allow(unused_imports)]
                            use #root::__private::away::{CommitsAtTheEnd as _, CommitsToo as _};
                            let #letters = #policy;
                            (&#root::__private::away::put_away(&#letters)).letters(#letters)
                        }
                    }
                }
            })
        });
        policies.reduce(|first, second| quote!((#first, #second)))
    }
}

/// The variable that says what a policy is given.
pub(super) fn given(span: Span) -> Ident {
    Ident::new("given", Span::mixed_site().located_at(span))
}

/// Whether a policy has a sink of its own, for what failed.
pub(super) fn puts_away(suffixes: &Suffixes) -> bool {
    suffixes.policies.iter().any(|policy| matches!(policy.kind, PolicyKind::DeadLetter(_)))
}

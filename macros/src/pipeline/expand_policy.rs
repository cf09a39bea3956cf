//! The expansion of the policies of a stage or a sink.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;

use super::closures::{binding, callable, closure, result_rule};
use super::constructor::Call;
use super::expansion::Expansion;
use super::members::keeps_output;
use super::policy::{Policy, PolicyKind, Retry, Suffixes};
use super::slot::{Slot, SlotValue};
use super::span_range::{SpanRange, first_span};

impl Expansion<'_> {
    /// A value that copies items, with a closure that checks them by `rule`.
    pub(super) fn copies(&self, span: Span, rule: &str) -> TokenStream {
        let root = self.root.at(span);
        let rule = Ident::new(rule, span);
        let item = binding("item", span);
        let copy = closure(
            &item.to_token_stream(),
            &quote_spanned!(span=> #root::fit::#rule::copy(#root::fit::Copies, #item)),
        );
        quote_spanned!(span=> #root::__private::by(#copy))
    }

    /// The lines that add the policies to the stage before them.
    pub(super) fn policies(&self, suffixes: &Suffixes) -> Option<TokenStream> {
        let pipeline = self.pipeline;
        let PolicyValue { before, value } = self.policy(suffixes)?;
        let span = suffixes.policies.first()?.on_error.span();
        let (method, given) = (Ident::new("on_error", span), given(span));
        let root = self.root.at(span);
        if let Some(split) = suffixes.split() {
            let copies = self.copies(span, "IsSplitByStage");
            let split = Ident::new("split", split.span());
            return Some(quote! {
                let #given = #root::__private::given(&#pipeline).inside();
                #before
                let #pipeline = #root::__private::given(&#pipeline).#split(#pipeline, #value, #copies);
            });
        }
        let given = asks_for_given(suffixes)
            .then(|| quote_spanned!(span=> let #given = #root::__private::given(&#pipeline);));
        Some(quote! {
            #given
            #before
            let #pipeline = #pipeline.#method(#value);
        })
    }

    /// The policies as one value. A pair asks its second policy if the first one would fail the run.
    pub(super) fn policy(&self, suffixes: &Suffixes) -> Option<PolicyValue> {
        let policies = suffixes.policies.iter().enumerate();
        policies.filter_map(|(index, policy)| self.one_policy(policy, index)).reduce(|first, second| {
            let (mut before, value) = (first.before, first.value);
            before.extend(second.before);
            let second = second.value;
            PolicyValue { before, value: quote!((#value, #second)) }
        })
    }

    /// The policy at `index`; `None` for `fail`.
    fn one_policy(&self, Policy { on_error, kind, .. }: &Policy, index: usize) -> Option<PolicyValue> {
        let span = on_error.span();
        let root = self.root.at(span);
        let copies = self.copies(span, "IsKept");
        Some(match kind {
            PolicyKind::Fail => return None,
            PolicyKind::Skip(limit) => {
                let limit = self.number("IsLimit", limit);
                PolicyValue::of(quote_spanned!(span=> #root::skip(#limit)))
            }
            PolicyKind::Retry(retry) => {
                let Retry { times, backoff, cap, jitter, within, when } = &**retry;
                let (times, backoff) = (self.number("IsTimes", times), self.wanted("IsWait", backoff));
                let when = when.as_ref().map_or_else(
                    || quote!(|_| true),
                    |when| {
                        let rule = result_rule(self.root, "Retries", when, &TokenStream::new());
                        let when = callable(self.root, when);
                        quote_spanned!(span=> #root::__private::closure_of_error(#when, #rule))
                    },
                );
                let wait = |value: &Option<Expr>| value.as_ref().map(|value| self.wanted("IsWait", value));
                let cap = wait(cap).map(|cap| quote_spanned!(span=> .cap(#cap)));
                let jitter = jitter.as_ref().map(|_| quote_spanned!(span=> .jitter()));
                let within = wait(within).map(|within| quote_spanned!(span=> .within(#within)));
                PolicyValue::of(quote_spanned! {span=>
                    #root::__private::retry(#times, #backoff, #when, #copies) #cap #jitter #within
                })
            }
            PolicyKind::With(policy) => self.own_policy(span, &policy.to_token_stream(), index),
            PolicyKind::DeadLetter(sink) => {
                let sink = sink.to_token_stream();
                let at = first_span(&sink);
                let given = given(span);
                let items = quote_spanned!(span=> #root::__private::letters(#given));
                let SlotValue { before, value, range } = self.slot_value(Slot::OtherSink, &sink, |_| items);
                let (fit, keeps) = (self.fit(at, "FitsSink"), keeps_output(&sink, self));
                let dead_letter =
                    range.in_braces(range.path(self.root, &quote_spanned!(at=> __private), "dead_letter"));
                let letters = Ident::new(&format!("letters_{index}"), Span::mixed_site().located_at(span));
                let committing = self.commits.then(|| {
                    quote_spanned!(span=> let #letters = #root::__private::away::put_away(&#letters).letters_committing(#letters);)
                });
                let before = quote_spanned! {span=>
                    #before
                    let #letters = #dead_letter(#given, #value, #fit, #keeps, #copies);
                    #committing
                };
                PolicyValue { before, value: letters.to_token_stream() }
            }
        })
    }

    /// The policy of the user at `index`, checked for the items that it receives.
    fn own_policy(&self, span: Span, policy: &TokenStream, index: usize) -> PolicyValue {
        let given = given(span);
        let (before, range, policy) = match Call::read(policy, self.names) {
            None => (TokenStream::new(), SpanRange::of(policy), policy.clone()),
            Some(call) => {
                let name = format!("policy_{index}_of_the_pipeline");
                let (before, policy) = self.called(&name, Slot::Policy, &call, |_| given.to_token_stream());
                (before, call.range_of_function(), policy)
            }
        };
        PolicyValue { before, value: self.checked(Slot::Policy, range, quote!(#given, #policy)) }
    }
}

/// Policies as a value, and the lines before it.
pub(super) struct PolicyValue {
    pub(super) before: TokenStream,
    pub(super) value: TokenStream,
}

impl PolicyValue {
    fn of(value: TokenStream) -> Self {
        Self { before: TokenStream::new(), value }
    }
}

/// The variable with the type of the items of a policy.
pub(super) fn given(span: Span) -> Ident {
    binding("given", span)
}

/// True if a policy is checked with the type of its items: a `dead_letter`, or a policy of the user.
pub(super) fn asks_for_given(suffixes: &Suffixes) -> bool {
    suffixes
        .policies
        .iter()
        .any(|policy| matches!(policy.kind, PolicyKind::DeadLetter(_) | PolicyKind::With(_)))
}

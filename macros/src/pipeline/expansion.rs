//! `Expansion`: the names that the lines of an expansion share, and the checks that several pieces need.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{Expr, Pat, PatType, Token};

use super::check_arguments::literal_size;
use super::closures::{
    binding, closure, joint, key_owner_rule, result_rule, result_trait_rule, result_type_rule,
};
use super::operator::Returns;
use super::span_range::{SpanRange, ends};
use crate::attributes::conditions;
use crate::root::Root;

/// The names in an expansion, and the facts about its pipeline that several pieces need.
pub(super) struct Expansion<'a> {
    pub(super) root: &'a Root,
    /// The variable that holds the pipeline so far. It is hygienic: the user's expressions cannot name it.
    pub(super) pipeline: &'a Ident,
    /// The variable that holds the `RunOptions`.
    pub(super) options: &'a Ident,
    /// The names of the parameters.
    pub(super) names: &'a [String],
    pub(super) is_part: bool,
    /// The range of the source. An error of its items may be found behind it, and is reported here once.
    pub(super) source: SpanRange,
    /// True if the sink commits during a run.
    pub(super) commits: bool,
}

impl Expansion<'_> {
    /// The type of the items that the next stage receives, as a value.
    pub(super) fn handed_on(&self, span: Span) -> TokenStream {
        let (root, pipeline) = (self.root.at(span), self.pipeline);
        quote_spanned!(span=> #root::__private::items_of(&#pipeline))
    }

    /// A closure that checks items, or an output, by `rule`.
    pub(super) fn fit(&self, span: Span, rule: &str) -> TokenStream {
        let (root, rule) = (self.root.at(span), Ident::new(rule, span));
        let (wanted, given) = (binding("wanted", span), binding("given", span));
        closure(
            &quote!(#wanted, #given),
            &quote_spanned!(span=> #root::fit::#rule::fit(#wanted, #given, #root::fit::Joint)),
        )
    }

    /// `value`, checked by `rule`, which returns the required type.
    pub(super) fn wanted(&self, rule: &str, value: &Expr) -> TokenStream {
        let (first, last) = ends(&value.to_token_stream());
        let (root, joint) = (self.root.at(first), joint(self.root, first, last));
        let (rule, fit) = (Ident::new(rule, first), Ident::new("fit", last));
        quote_spanned!(first=> #root::fit::#rule::#fit(#value, #joint))
    }

    /// A number of items that can be zero.
    pub(super) fn number(&self, rule: &str, number: &Expr) -> TokenStream {
        match literal_size(number) {
            Some(literal) => literal.to_token_stream(),
            None => self.wanted(rule, number),
        }
    }

    /// A size that cannot be zero.
    pub(super) fn size(&self, size: &Expr) -> TokenStream {
        let root = self.root;
        match literal_size(size) {
            // Zero is already reported. In a const block it would be a second error.
            Some(zero) if zero.base10_digits() == "0" => quote!(const { #root::size(1) }),
            Some(literal) => quote!(const { #root::size(#literal) }),
            None => self.wanted("IsSize", size),
        }
    }

    /// A closure that checks the result of `function` by its rule, if there is one.
    pub(super) fn rule(&self, span: Span, returns: Returns, function: &Expr) -> Option<TokenStream> {
        Some(match returns {
            Returns::Anything => return None,
            Returns::Matching(rule) => result_rule(self.root, rule, function, &TokenStream::new()),
            Returns::MatchingWith(rule, inner) => {
                let (root, inner) = (self.root.at(span), Ident::new(inner, span));
                let answers = Ident::new("answers_of_the_closure", span);
                let inner = closure(
                    &answers.to_token_stream(),
                    &quote_spanned!(span=> #root::fit::#inner::itself(#answers)),
                );
                result_rule(self.root, rule, function, &quote!(.map(#inner)))
            }
            Returns::Future(_) => result_trait_rule(self.root, "IsFuture", function),
            Returns::With(rule) | Returns::Key(rule) => result_trait_rule(self.root, rule, function),
            Returns::FirstKey => closure(&quote_spanned!(span=> made), &quote_spanned!(span=> made.0)),
            Returns::SecondKey(rule, _) => result_type_rule(self.root, rule, function),
        })
    }

    /// A line that has an error if a key is borrowed from its item.
    pub(super) fn borrowed_key(
        &self,
        span: Span,
        function: &Expr,
        given: &TokenStream,
    ) -> Option<TokenStream> {
        let check = key_owner_rule(self.root, function)?;
        let root = self.root.at(span);
        Some(quote_spanned!(span=> #root::__private::keys::look_at(#given, #check);))
    }
}

/// The parameters of `run`, each with a name, and the names as arguments, each with a comma behind it.
pub(super) fn passed_on(arguments: &Punctuated<PatType, Token![,]>) -> (TokenStream, TokenStream) {
    let named: Vec<_> = arguments
        .iter()
        .enumerate()
        .map(|(index, argument)| match &*argument.pat {
            Pat::Ident(pattern) => (pattern.ident.clone(), argument),
            _ => (Ident::new(&format!("argument_{index}"), Span::mixed_site()), argument),
        })
        .collect();
    let declared = named.iter().map(|(name, argument)| {
        let PatType { attrs, ty, .. } = argument;
        quote!(#(#attrs)* #name: #ty)
    });
    let passed = named.iter().map(|(name, argument)| {
        let conditions = conditions(&argument.attrs);
        quote!(#conditions #name,)
    });
    (quote!(#(#declared),*), quote!(#(#passed)*))
}

//! The rules of a field in the definition of its column.

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;
use syn::Ident;

use super::layout::Column;
use super::literal::{Default, DefaultValue, default_of};
use super::rules::Rules;
use crate::root::Root;

/// The builder calls that declare the rules of `column`.
pub(super) fn definition_of(column: &Column<'_>, root: &Root) -> TokenStream {
    let mut definition = TokenStream::new();
    let Some(rules) = column.rules else { return definition };
    let checks = checks(rules, root);
    let mut declared = TokenStream::new();
    if !checks.is_empty() {
        declared.extend(quote!(.checks(&[#(#checks),*])));
    }
    match column.blank {
        Some(true) => declared.extend(quote!(.blank(#root::Blank::Allowed))),
        Some(false) => declared.extend(quote!(.blank(#root::Blank::Refused))),
        None => {}
    }
    if rules.editable.as_option().is_some_and(|editable| !editable.value) {
        declared.extend(quote!(.not_editable()));
    }
    if !declared.is_empty() {
        definition.extend(quote!(.rules(#root::__private::Rules::new() #declared)));
    }
    if rules.unique.as_option().is_some() {
        definition.extend(quote!(.unique()));
    }
    if let Some(name) = rules.verbose.as_option() {
        definition.extend(quote!(.verbose(#name)));
    }
    definition
}

/// The checks of the rules of `column`.
pub(super) fn checks_of(column: &Column<'_>, root: &Root) -> Vec<TokenStream> {
    column.rules.map(|rules| checks(rules, root)).unwrap_or_default()
}

/// The checks of `rules`, in the order in which Django applies them.
fn checks(rules: &Rules, root: &Root) -> Vec<TokenStream> {
    let mut checks = Vec::new();
    if let Some(choices) = rules.choices.as_option() {
        let values: Vec<_> = choices.iter().filter_map(|choice| default_of(choice).ok()).collect();
        let texts = values.iter().filter_map(|choice| match &choice.value {
            DefaultValue::Text(text) => Some(text),
            _ => None,
        });
        let texts: Vec<_> = texts.collect();
        if texts.is_empty() {
            let numbers = values.iter().filter_map(|choice| match choice.value {
                DefaultValue::Integer(number) => Some(Literal::i64_unsuffixed(number)),
                _ => None,
            });
            checks.push(quote!(#root::Check::IntegerOf(&[#(#numbers),*])));
        } else {
            checks.push(quote!(#root::Check::TextOf(&[#(#texts),*])));
        }
    }
    if let Some(length) = rules.max_length.as_option() {
        let length = length.base10_digits().parse::<u64>().map(Literal::u64_unsuffixed);
        checks.extend(length.ok().map(|length| quote!(#root::Check::Longest(#length))));
    }
    for (given, check) in [(&rules.min, "Least"), (&rules.max, "Most")] {
        let Some(Default { sql, value, .. }) = given.as_option().and_then(|literal| default_of(literal).ok())
        else {
            continue;
        };
        let check = Ident::new(check, Span::call_site());
        let limit = match value {
            DefaultValue::Integer(number) => {
                let number = Literal::i64_unsuffixed(number);
                quote!(integer(#sql, #number))
            }
            DefaultValue::Real(number) => {
                let number = Literal::f64_unsuffixed(number);
                quote!(real(#sql, #number))
            }
            DefaultValue::Text(_) => continue,
        };
        checks.push(quote!(#root::Check::#check(#root::__private::Limit::#limit)));
    }
    checks
}

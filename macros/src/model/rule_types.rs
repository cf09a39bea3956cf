//! The compile-time checks that rules fit the types of their fields.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned as _;

use super::definition::of_field_value;
use super::layout::Column;
use super::literal::{DefaultValue, default_of};
use crate::root::Root;

/// The compile-time checks that the rules fit the types of the fields.
pub(super) fn fitting<'a>(columns: impl Iterator<Item = &'a Column<'a>>, root: &Root) -> TokenStream {
    let mut checks = TokenStream::new();
    for column in columns {
        let Some(rules) = column.rules else { continue };
        let name = &column.name;
        let mut check = |function: &str, key: &str, span: Span| {
            let column_type = of_field_value(&column.ty, root, "COLUMN_TYPE");
            // With the span of the rule: the compiler reports a type that it does not fit there.
            let function = Ident::new(function, Span::call_site().located_at(span));
            let call = quote_spanned!(span=> #function(#name, #key, #column_type));
            checks.extend(quote! {
                const _: () = {
                    use #root::__private::#function;
                    #call
                };
            });
        };
        if let Some(length) = rules.max_length.as_option() {
            check("takes_text", "max_length", length.span());
        }
        if let Some(min) = rules.min.as_option() {
            check("takes_numbers", "min", min.span());
        }
        if let Some(max) = rules.max.as_option() {
            check("takes_numbers", "max", max.span());
        }
        if let Some(first) = rules.choices.as_option().and_then(|choices| choices.first()) {
            let is_text = default_of(first).is_ok_and(|first| matches!(first.value, DefaultValue::Text(_)));
            check(if is_text { "takes_text" } else { "takes_integers" }, "choices", first.span());
        }
    }
    checks
}

//! The expression that defines a column, and paths to the items of a field's type.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::layout::{Column, Target};
use super::literal::Default;
use super::rule_values;
use crate::root::Root;

/// The expression for `column`.
pub(super) fn definition_of(column: &Column<'_>, root: &Root) -> TokenStream {
    let Column { name, key, ty, field, references, on_delete, default, renamed_from, .. } = column;
    let nullable = of_field_value(ty, root, "NULLABLE");
    let column_type = of_field_value(ty, root, "COLUMN_TYPE");
    let mut definition = quote!(#root::Column::new(#name, #key, #nullable, #column_type));
    if field.is_some() {
        let checks = of_field_value(ty, root, "CHECKS");
        definition.extend(quote!(.checks(#checks)));
    }
    if !references.is_empty() {
        let names = references.iter().map(|target| match target {
            Target::Itself => quote!(Self::NAME),
            Target::Other(model) => quote!(<#model as #root::Syncable>::NAME),
        });
        definition.extend(quote!(.references(&[#(#names),*])));
    }
    if let Some(action) = on_delete {
        let action = if *action == "cascade" { quote!(Cascade) } else { quote!(SetNull) };
        definition.extend(quote!(.on_delete(#root::OnDelete::#action)));
    }
    if let Some(Default { sql, .. }) = default {
        definition.extend(quote!(.default(#sql)));
    }
    definition.extend(rule_values::definition_of(column, root));
    if let Some(column) = renamed_from {
        definition.extend(quote!(.renamed_from(#column)));
    }
    definition
}

/// The path `<ty as FieldValue>::item`, with the span of the type.
///
/// Every use of a field's type goes through this function. A type without `FieldValue` is then one error, because the
/// compiler drops errors with equal text and span.
pub(super) fn of_field_value(ty: &TokenStream, root: &Root, item: &str) -> TokenStream {
    of_trait(ty, root, "FieldValue", item)
}

/// The path `<ty as name>::item`, with the span of the type.
pub(super) fn of_trait(ty: &TokenStream, root: &Root, name: &str, item: &str) -> TokenStream {
    let span = ty.span();
    let root = root.at(span);
    let (name, item) = (Ident::new(name, span), Ident::new(item, span));
    quote_spanned!(span=> <#ty as #root::#name>::#item)
}

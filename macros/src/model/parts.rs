//! The expansion of flattened fields: the columns of their structs are joined with the struct's own in constants, because a
//! macro sees one struct at a time.
//!
//! Part 0 is the struct's own columns, and each flattened field is a part, from 1 on. Without flattened fields the positions are
//! literals, and nothing here adds to the expansion.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::LitStr;

use super::definition::{definition_of, of_trait};
use super::layout::{Column, ColumnName, Columns, Part};
use crate::attributes::quiet;
use crate::root::Root;

/// The impl that joins the columns, and the checks of their names.
pub(super) fn expand(columns: &Columns<'_>) -> TokenStream {
    if columns.flattened.is_empty() {
        return TokenStream::new();
    }
    let Columns { root, flattened, levels, .. } = columns;
    let ident = quiet(columns.ident);
    let before = |part: &Part<'_>| part.synced_before;
    let synced = runs(columns, &columns.synced, 0, ["synced", "COLUMNS"], before);
    let before = |part: &Part<'_>| part.local_before;
    let local = runs(columns, &columns.local, columns.synced.len(), ["local", "LOCAL_COLUMNS"], before);
    let parts = quote!(<#ident as #root::__private::Flattens>::PARTS);
    let of_parts = quote!(#root::__private::Parts);
    let checks = flattened.iter().zip(1_usize..).map(|(part, number)| {
        // With the span of the field: the compiler reports a name that exists already there.
        let span = Span::call_site().located_at(part.field.ident.span());
        let number = Literal::usize_unsuffixed(number);
        let check = quote_spanned!(span=> are_unique(#parts, #number));
        quote! {
            const _: () = {
                use #root::__private::are_unique;
                #check
            };
        }
    });
    quote! {
        #[automatically_derived]
        #levels
        impl #root::__private::Flattens for #ident {
            const PARTS: #root::__private::Parts = #root::__private::Parts::new(#synced, #local);

            const COLUMNS: &'static [#root::Column] = &#of_parts::synced::<{ #of_parts::synced_count(&#parts) }>(&#parts);

            const LOCAL_COLUMNS: &'static [#root::Column] = &#of_parts::local::<{ #of_parts::local_count(&#parts) }>(&#parts);
        }

        #(#checks)*
    }
}

/// The checks that no flattened struct syncs a field that the model declares as retired.
pub(super) fn retired(columns: &Columns<'_>, retired: &[LitStr]) -> TokenStream {
    let Columns { root, flattened, .. } = columns;
    if flattened.is_empty() {
        return TokenStream::new();
    }
    let ident = quiet(columns.ident);
    let checks = retired.iter().map(|name| {
        let span = Span::call_site().located_at(name.span());
        let parts = quote!(<#ident as #root::__private::Flattens>::PARTS);
        let check = quote_spanned!(span=> retires(#parts, #name));
        quote! {
            const _: () = {
                use #root::__private::retires;
                #check
            };
        }
    });
    checks.collect()
}

/// The runs of `own` columns, which are numbered from `first` on, and those of the flattened fields between them.
fn runs(
    columns: &Columns<'_>,
    own: &[Column<'_>],
    first: usize,
    [kind, constant]: [&str; 2],
    before: impl Fn(&Part<'_>) -> usize,
) -> TokenStream {
    let root = &columns.root;
    let mut runs = TokenStream::new();
    let mut start = 0;
    let own_run = |start: usize, end: usize| {
        let first = Literal::usize_unsuffixed(first + start);
        let names = own[start..end].iter().map(field_name);
        let own = own[start..end].iter().map(|column| definition_of(column, root));
        quote!(#root::__private::Run::own(#first, &[#(#own),*], &[#(#names),*]),)
    };
    for (part, number) in columns.flattened.iter().zip(1_usize..) {
        let end = before(part);
        if start < end {
            runs.extend(own_run(start, end));
            start = end;
        }
        let (name, number) = (part.field.name(), Literal::usize_unsuffixed(number));
        let kind = Ident::new(kind, Span::call_site());
        let (columns, fields) = (of_part(part, root, constant), of_part(part, root, "FIELDS"));
        runs.extend(quote!(#root::__private::Run::#kind(#number, #name, #columns, #fields),));
    }
    if start < own.len() {
        runs.extend(own_run(start, own.len()));
    }
    quote!(&[#runs])
}

/// The path `<ty as SyncableFields>::item` of a flattened field.
fn of_part(part: &Part<'_>, root: &Root, item: &str) -> TokenStream {
    of_trait(&part.field.ty.to_token_stream(), root, "SyncableFields", item)
}

/// The name of the field of `column`, as messages show it.
fn field_name(column: &Column<'_>) -> String {
    use syn::ext::IdentExt as _;

    column.field.map_or_else(|| column.name.clone(), |field| field.unraw().to_string())
}

/// The constants of a struct that several models share.
pub(super) fn constants(columns: &Columns<'_>) -> TokenStream {
    let Columns { root, flattened, .. } = columns;
    let ident = quiet(columns.ident);
    let synced = synced(columns);
    let local = local(columns).unwrap_or_else(|| quote!(&[]));
    let fields = if flattened.is_empty() {
        let names = columns.all().map(field_name);
        quote!(&[#(#names),*])
    } else {
        let parts = quote!(<#ident as #root::__private::Flattens>::PARTS);
        let of_parts = quote!(#root::__private::Parts);
        quote!(&#of_parts::fields::<{ #of_parts::synced_count(&#parts) + #of_parts::local_count(&#parts) }>(&#parts))
    };
    quote! {
        const COLUMNS: &'static [#root::Column] = #synced;

        const LOCAL_COLUMNS: &'static [#root::Column] = #local;

        const FIELDS: &'static [&'static ::core::primitive::str] = #fields;
    }
}

/// The slice of the synced columns.
pub(super) fn synced(columns: &Columns<'_>) -> TokenStream {
    if !columns.flattened.is_empty() {
        return all(columns, "COLUMNS");
    }
    let synced = columns.synced.iter().map(|column| definition_of(column, &columns.root));
    quote!(&[#(#synced),*])
}

/// The slice of the local columns, if there are any.
pub(super) fn local(columns: &Columns<'_>) -> Option<TokenStream> {
    if !columns.flattened.is_empty() {
        return Some(all(columns, "LOCAL_COLUMNS"));
    }
    if columns.local.is_empty() {
        return None;
    }
    let local = columns.local.iter().map(|column| definition_of(column, &columns.root));
    Some(quote!(&[#(#local),*]))
}

/// The slice `name` of all columns.
pub(super) fn all(columns: &Columns<'_>, name: &str) -> TokenStream {
    let root = &columns.root;
    let ident = quiet(columns.ident);
    let name = Ident::new(name, Span::call_site());
    quote!(<#ident as #root::__private::Flattens>::#name)
}

/// The self-reference and the dependencies of a model, some of which may be those of flattened fields. `own` are the names of
/// the models that the struct itself refers to or depends on.
pub(super) fn references(columns: &Columns<'_>, own: &TokenStream) -> TokenStream {
    let root = &columns.root;
    let ident = quiet(columns.ident);
    let parts = quote!(<#ident as #root::__private::Flattens>::PARTS);
    let of_parts = quote!(#root::__private::Parts);
    let name = quote!(<#ident as #root::Syncable>::NAME);
    quote! {
        .finds_self_reference()
        .dependencies(
            const { &#of_parts::dependencies::<{ #of_parts::dependency_count(&#parts, #own, #name) }>(&#parts, #own, #name) }
        )
    }
}

/// The position of the struct's own column `index`.
pub(super) fn position(columns: &Columns<'_>, index: usize) -> TokenStream {
    let Columns { root, flattened, .. } = columns;
    let ident = quiet(columns.ident);
    let index = Literal::usize_unsuffixed(index);
    if flattened.is_empty() {
        return index.to_token_stream();
    }
    quote!(const {
        #root::__private::Parts::position(&<#ident as #root::__private::Flattens>::PARTS, 0, #index)
    })
}

/// The text before the struct's first member: `first` if there is no member of a flattened field before it.
pub(super) fn prefix(columns: &Columns<'_>, first: &str, other: &str) -> TokenStream {
    let position = position(columns, 0);
    quote!(if #position == 0 { #first } else { #other })
}

/// The name of a column. `what`, which names it, is a part of the model's declaration.
pub(super) fn name_of(name: &ColumnName, columns: &Columns<'_>, method: &str, what: &str) -> TokenStream {
    let root = &columns.root;
    let ident = quiet(columns.ident);
    match name {
        ColumnName::Known(name) => name.to_token_stream(),
        ColumnName::Flattened { field, span } => {
            // With the span of the name: the compiler reports a field that does not exist there.
            let span = Span::call_site().located_at(*span);
            let method = Ident::new(method, span);
            let parts = quote!(<#ident as #root::__private::Flattens>::PARTS);
            let call = quote_spanned!(span=> #method(#parts, #field, #what));
            quote!({ use #root::__private::#method; #call })
        }
    }
}

/// The initialisers of the flattened fields.
pub(super) fn read<'a>(columns: &'a Columns<'_>) -> impl Iterator<Item = TokenStream> + 'a {
    let Columns { root, flattened, .. } = columns;
    let ident = quiet(columns.ident);
    flattened.iter().zip(1_usize..).map(move |(part, number)| {
        let (field, number) = (quiet(&part.field.ident), Literal::usize_unsuffixed(number));
        let read = of_part(part, root, "read");
        let place = quote!(const {
            #root::__private::Parts::place(&<#ident as #root::__private::Flattens>::PARTS, #number)
        });
        quote! {
            #field: #read(&#root::__private::part_of_row(row, #place))
                .map_err(#root::__private::in_part(#place))?
        }
    })
}

/// The code that writes the flattened fields right before own column `index`.
pub(super) fn write_before(columns: &Columns<'_>, index: usize, opening: &str) -> TokenStream {
    let Columns { root, flattened, .. } = columns;
    let ident = quiet(columns.ident);
    let parts = flattened.iter().zip(1_usize..).filter(|(part, _)| part.synced_before == index);
    let parts = parts.map(|(part, number)| {
        let number = Literal::usize_unsuffixed(number);
        let (columns, write) = (of_part(part, root, "COLUMNS"), of_part(part, root, "write_serialized"));
        let place = quote!(const {
            #root::__private::Parts::place(&<#ident as #root::__private::Flattens>::PARTS, #number)
        });
        quote! {
            if !#columns.is_empty() {
                json.push_str(#root::__private::separator(#place, #opening));
                #write(&#root::__private::part_of_row(row, #place), json)
                    .map_err(#root::__private::in_part(#place))?;
            }
        }
    });
    parts.collect()
}

/// An expression for the column at `index`: `own` with the index of an own column, or a call of `method` for the flattened field.
pub(super) fn by_part(
    columns: &Columns<'_>,
    own: &TokenStream,
    method: &str,
    arguments: impl Fn(&Ident) -> TokenStream,
) -> TokenStream {
    let Columns { root, flattened, .. } = columns;
    let ident = quiet(columns.ident);
    if flattened.is_empty() {
        return own.clone();
    }
    let arms = flattened.iter().zip(1_usize..).map(|(part, number)| {
        let number = Literal::usize_unsuffixed(number);
        let (method, arguments) = (of_part(part, root, method), arguments(&quiet(&part.field.ident)));
        quote!((#number, index) => #method(#arguments),)
    });
    quote! {
        match #root::__private::Parts::find(&<#ident as #root::__private::Flattens>::PARTS, index) {
            #(#arms)*
            (_, index) => #own
        }
    }
}

//! The generated methods for received records and for the rules of fields.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::definition::{of_field_value, of_trait};
use super::layout::{Column, Columns};
use super::parts;
use super::rules::Rules;
use crate::attributes::quiet;
use crate::root::Root;

/// The methods `receive` and `check_rules`. `all` is the slice of the synced columns.
pub(super) fn expand(columns: &Columns<'_>, all: &TokenStream) -> TokenStream {
    let receive = receive(columns, all);
    let check_rules = check_rules(columns, all);
    quote!(#receive #check_rules)
}

fn receive(columns: &Columns<'_>, all: &TokenStream) -> TokenStream {
    let root = &columns.root;
    let arms = columns.synced.iter().enumerate().filter_map(|(index, column)| {
        column.field?;
        let declared = declared(columns, all, index);
        let index = Literal::usize_unsuffixed(index);
        let value = if column.name == "id" {
            quote!(#root::__private::receive_id(value))
        } else if column.references.is_empty() {
            let (ty, validate) = (&column.ty, validate(column, root));
            let receive = if column.nested {
                of_trait(ty, root, "NestedValue", "receive_nested")
            } else {
                of_field_value(ty, root, "receive")
            };
            quote!(#receive(#declared, value, #validate))
        } else {
            quote!(#root::__private::receive_reference(#declared, value))
        };
        Some(quote!(#index => #value,))
    });
    let receive = parts::by_part(
        columns,
        &quote! {
            match index {
                #(#arms)*
                _ => ::core::result::Result::Ok(#root::StoredValue::Null),
            }
        },
        "receive",
        |_| quote!(index, value),
    );
    quote! {
        fn receive(
            index: ::core::primitive::usize,
            value: ::core::option::Option<&#root::JsonValue<'_>>,
        ) -> ::core::result::Result<#root::StoredValue<'static>, #root::FieldFault> {
            #receive
        }
    }
}

fn check_rules(columns: &Columns<'_>, all: &TokenStream) -> TokenStream {
    let root = &columns.root;
    let arms: Vec<_> = columns
        .synced
        .iter()
        .enumerate()
        .filter(|(_, column)| column.has_rules())
        .filter_map(|(index, column)| {
            let field = quiet(column.field?);
            let declared = declared(columns, all, index);
            let index = Literal::usize_unsuffixed(index);
            let (check, validate) = (of_field_value(&column.ty, root, "check_rules"), validate(column, root));
            Some(quote!(#index => #check(&self.#field, #declared, #validate),))
        })
        .collect();
    if arms.is_empty() && columns.flattened.is_empty() {
        return TokenStream::new();
    }
    let check = parts::by_part(
        columns,
        &quote! {
            match index {
                #(#arms)*
                _ => ::core::result::Result::Ok(()),
            }
        },
        "check_rules",
        |field| quote!(&self.#field, index),
    );
    quote! {
        fn check_rules(
            &self,
            index: ::core::primitive::usize,
        ) -> ::core::result::Result<(), #root::FieldFault> {
            #check
        }
    }
}

/// The declaration of the struct's own synced column `index`, as received values depend on it.
fn declared(columns: &Columns<'_>, all: &TokenStream, index: usize) -> TokenStream {
    let position = parts::position(columns, index);
    quote!(#all[#position].declared())
}

/// The closure that checks the value with the function of the declaration, or that accepts every value.
fn validate(column: &Column<'_>, root: &Root) -> TokenStream {
    let path = column.rules.and_then(Rules::validate);
    path.map_or_else(
        || quote!(|_| ::core::result::Result::Ok(())),
        |path| quote!(|value| #root::__private::into_fault(#path(value))),
    )
}

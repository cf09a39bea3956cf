//! The impls that replace the real ones after a mistake. All bounds on the type hold, so only the mistakes of the
//! declaration are reported.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{DeriveInput, Generics};

use super::check::misunderstood;
use super::definition::of_field_value;
use super::field::Field;
use crate::root::Root;

/// The impls of a model.
pub(super) fn of_model(
    input: &DeriveInput,
    fields: &[Field],
    error: &syn::Error,
    root: &Root,
) -> TokenStream {
    let ident = &input.ident;
    let name = ident.to_string();
    let reported = reported(input, fields, error, root);
    let generics = generics(input);
    let (parameters, _, bounds) = generics.split_for_impl();
    let (_, arguments, _) = input.generics.split_for_impl();
    let unread = quote!(::core::unreachable!("the model does not compile"));
    let functions = functions(root, &unread);
    quote! {
        #reported

        #[automatically_derived]
        impl #parameters #root::Syncable for #ident #arguments #bounds {
            type Profile = #root::__private::AnyProfile;

            const NAME: &'static ::core::primitive::str = #name;

            const MODEL: &'static #root::Model = &#root::Model::new(Self::NAME, #name, &[]);

            #functions

            fn record_id(&self) -> #root::RecordId {
                #unread
            }

            fn set_record_id(&mut self, _: #root::RecordId) {
                #unread
            }
        }

        #[automatically_derived]
        impl #parameters #root::Partitioned for #ident #arguments #bounds {}
    }
}

/// The impl of a struct whose fields several models share.
pub(super) fn of_shared(
    input: &DeriveInput,
    fields: &[Field],
    error: &syn::Error,
    root: &Root,
) -> TokenStream {
    let ident = &input.ident;
    let reported = reported(input, fields, error, root);
    let generics = generics(input);
    let (parameters, _, bounds) = generics.split_for_impl();
    let (_, arguments, _) = input.generics.split_for_impl();
    let functions = functions(root, &quote!(::core::unreachable!("the struct does not compile")));
    quote! {
        #reported

        #[automatically_derived]
        impl #parameters #root::SyncableFields for #ident #arguments #bounds {
            const COLUMNS: &'static [#root::Column] = &[];

            const LOCAL_COLUMNS: &'static [#root::Column] = &[];

            const FIELDS: &'static [&'static ::core::primitive::str] = &[];

            #functions
        }
    }
}

/// The error, and the checks of the fields' types by the compiler.
///
/// Types that were already reported are left out. Outside of the impl a field's type cannot name the struct's parameters,
/// so the fields of a generic struct are left out, too.
fn reported(input: &DeriveInput, fields: &[Field], error: &syn::Error, root: &Root) -> TokenStream {
    let error = error.to_compile_error();
    let fields = if input.generics.params.is_empty() { fields } else { &[] };
    let unjudged = fields.iter().filter(|field| misunderstood(&field.ty).is_none());
    let nullable = unjudged.map(|field| of_field_value(&field.ty.to_token_stream(), root, "NULLABLE"));
    quote! {
        #error

        #(const _: ::core::primitive::bool = #nullable;)*
    }
}

/// The generics of the impl.
fn generics(input: &DeriveInput) -> Generics {
    let ident = &input.ident;
    let mut generics = input.generics.clone();
    if !generics.params.is_empty() {
        let (_, arguments, _) = input.generics.split_for_impl();
        generics.make_where_clause().predicates.push(syn::parse_quote!(#ident #arguments: 'static));
    }
    generics
}

/// The functions that both traits have.
fn functions(root: &Root, unread: &TokenStream) -> TokenStream {
    quote! {
        fn read(_: &impl #root::Row) -> ::core::result::Result<Self, #root::FieldError> {
            #unread
        }

        fn write_serialized(
            _: &impl #root::Row,
            _: &mut ::std::string::String,
        ) -> ::core::result::Result<(), #root::FieldError> {
            #unread
        }

        fn stored(
            &self,
            _: ::core::primitive::usize,
        ) -> ::core::option::Option<::core::result::Result<#root::StoredValue<'_>, #root::InvalidValue>> {
            #unread
        }

        fn check(
            _: ::core::primitive::usize,
            _: #root::ColumnValue<'_>,
        ) -> ::core::result::Result<(), #root::InvalidValue> {
            #unread
        }

        fn receive(
            _: ::core::primitive::usize,
            _: ::core::option::Option<&#root::JsonValue<'_>>,
        ) -> ::core::result::Result<#root::StoredValue<'static>, #root::FieldFault> {
            #unread
        }
    }
}

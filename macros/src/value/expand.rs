//! The generated impl of `FieldValue`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::DeriveInput;
use syn::spanned::Spanned as _;

use super::ast::Value;
use crate::attributes::{levels, quiet};
use crate::root::Root;

/// The impl of `FieldValue` for the type that `input` declares.
pub(super) fn expand(input: &DeriveInput, value: &Value<'_>, root: &Root) -> TokenStream {
    let items = match value {
        Value::Wrapped { member, ty } => wrapped(member, ty, root),
        Value::Texts(variants) => texts(variants, root),
        Value::Numbers(variants) => numbers(variants, root),
    };
    let head = head(input, value.wrapped_type(), root);
    quote! {
        #head {
            #items
        }
    }
}

/// `impl FieldValue for T`. For a generic `T` it has a bound on the wrapped type.
fn head(input: &DeriveInput, wrapped: Option<&syn::Type>, root: &Root) -> TokenStream {
    let (ident, levels) = (quiet(&input.ident), levels(&input.attrs));
    let mut generics = input.generics.clone();
    if let (Some(ty), false) = (wrapped, generics.params.is_empty()) {
        generics.make_where_clause().predicates.push(syn::parse_quote!(#ty: #root::FieldValue));
    }
    let (parameters, _, bounds) = generics.split_for_impl();
    let (_, arguments, _) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #levels
        impl #parameters #root::FieldValue for #ident #arguments #bounds
    }
}

/// `member` with the span of the derive, if it has a name.
fn quiet_member(member: &syn::Member) -> syn::Member {
    match member {
        syn::Member::Named(name) => syn::Member::Named(quiet(name)),
        syn::Member::Unnamed(index) => syn::Member::Unnamed(index.clone()),
    }
}

fn wrapped(member: &syn::Member, ty: &syn::Type, root: &Root) -> TokenStream {
    let span = ty.span();
    let at = root.at(span);
    let of = |item: &str| {
        let item = Ident::new(item, span);
        quote_spanned!(span=> <#ty as #at::FieldValue>::#item)
    };
    let (nullable, column_type) = (of("NULLABLE"), of("COLUMN_TYPE"));
    let (read, write_json, to_column) = (of("read"), of("write_json"), of("to_column"));
    let (checks, check) = (of("CHECKS"), of("check"));
    let (empty_values, from_json) = (of("EMPTY_VALUES"), of("from_json"));
    let member = &quiet_member(member);
    quote! {
        const NULLABLE: ::core::primitive::bool = #nullable;

        const COLUMN_TYPE: #root::ColumnType = #column_type;

        const CHECKS: &'static [#root::Check] = #checks;

        const EMPTY_VALUES: #root::EmptyValues = #empty_values;

        fn read(value: #root::ColumnValue<'_>) -> ::core::result::Result<Self, #root::InvalidValue> {
            ::core::result::Result::Ok(Self { #member: #read(value)? })
        }

        fn check(value: #root::ColumnValue<'_>) -> ::core::result::Result<(), #root::InvalidValue> {
            #check(value)
        }

        fn write_json(
            value: #root::ColumnValue<'_>,
            json: &mut ::std::string::String,
        ) -> ::core::result::Result<(), #root::InvalidValue> {
            #write_json(value, json)
        }

        fn from_json(
            value: &#root::JsonValue<'_>,
        ) -> ::core::result::Result<#root::StoredValue<'static>, #root::FieldFault> {
            #from_json(value)
        }

        fn to_column(&self) -> ::core::result::Result<#root::StoredValue<'_>, #root::InvalidValue> {
            #to_column(&self.#member)
        }
    }
}

fn texts(variants: &[(&Ident, String)], root: &Root) -> TokenStream {
    let (names, texts): (Vec<Ident>, Vec<&String>) =
        variants.iter().map(|(name, text)| (quiet(name), text)).unzip();
    let write_json = as_stored(root);
    let from_json = of_the_choices(root, "text_of");
    quote! {
        const COLUMN_TYPE: #root::ColumnType = #root::ColumnType::Text;

        const CHECKS: &'static [#root::Check] = &[#root::Check::TextOf(&[#(#texts),*])];

        const EMPTY_VALUES: #root::EmptyValues = #root::EmptyValues::Text;

        fn read(value: #root::ColumnValue<'_>) -> ::core::result::Result<Self, #root::InvalidValue> {
            match value {
                #(#root::ColumnValue::Text(#texts) => ::core::result::Result::Ok(Self::#names),)*
                other => ::core::result::Result::Err(#root::__private::none_of(other, &[#(#texts),*])),
            }
        }

        #write_json

        #from_json

        fn to_column(&self) -> ::core::result::Result<#root::StoredValue<'_>, #root::InvalidValue> {
            let text = match self {
                #(Self::#names => #texts,)*
            };
            ::core::result::Result::Ok(#root::StoredValue::Text(::std::borrow::Cow::Borrowed(text)))
        }
    }
}

fn numbers(variants: &[&Ident], root: &Root) -> TokenStream {
    let names: Vec<_> = variants.iter().map(|name| quiet(name)).collect();
    let number = quote!(::core::primitive::i64);
    let write_json = as_stored(root);
    let from_json = of_the_choices(root, "integer_of");
    quote! {
        const COLUMN_TYPE: #root::ColumnType = #root::ColumnType::Integer;

        const CHECKS: &'static [#root::Check] = &[#root::Check::IntegerOf(&[#(Self::#names as #number),*])];

        fn read(value: #root::ColumnValue<'_>) -> ::core::result::Result<Self, #root::InvalidValue> {
            match value {
                #(
                    #root::ColumnValue::Integer(number) if number == Self::#names as #number => {
                        ::core::result::Result::Ok(Self::#names)
                    }
                )*
                other => ::core::result::Result::Err(
                    #root::__private::no_number_of(other, &[#(Self::#names as #number),*]),
                ),
            }
        }

        #write_json

        #from_json

        fn to_column(&self) -> ::core::result::Result<#root::StoredValue<'_>, #root::InvalidValue> {
            let number = match self {
                #(Self::#names => Self::#names as #number,)*
            };
            ::core::result::Result::Ok(#root::StoredValue::Integer(number))
        }
    }
}

/// The methods `check` and `write_json` of an enum: they accept a value that no variant has, so that a value stored by a
/// newer version of the application still syncs.
fn as_stored(root: &Root) -> TokenStream {
    quote! {
        fn check(value: #root::ColumnValue<'_>) -> ::core::result::Result<(), #root::InvalidValue> {
            #root::__private::is_of_a_kind(value, <Self as #root::FieldValue>::CHECKS)
        }

        fn write_json(
            value: #root::ColumnValue<'_>,
            json: &mut ::std::string::String,
        ) -> ::core::result::Result<(), #root::InvalidValue> {
            #root::write_as_stored(value, json)
        }
    }
}

/// The method `from_json` of an enum, which refuses a value that no variant has. `function` converts the value and checks it.
fn of_the_choices(root: &Root, function: &str) -> TokenStream {
    let function = Ident::new(function, Span::call_site());
    quote! {
        fn from_json(
            value: &#root::JsonValue<'_>,
        ) -> ::core::result::Result<#root::StoredValue<'static>, #root::FieldFault> {
            #root::__private::#function(value, <Self as #root::FieldValue>::CHECKS)
        }
    }
}

/// The impl that replaces the real one after `error`. All bounds on the type hold, so only the mistakes of the
/// declaration are reported.
pub(super) fn stub(input: &DeriveInput, error: &syn::Error, root: &Root) -> TokenStream {
    let error = error.to_compile_error();
    let head = head(input, None, root);
    let unread = quote!(::core::unreachable!("the type does not compile"));
    quote! {
        #error

        #head {
            const COLUMN_TYPE: #root::ColumnType = #root::ColumnType::Text;

            fn read(_: #root::ColumnValue<'_>) -> ::core::result::Result<Self, #root::InvalidValue> {
                #unread
            }

            fn write_json(
                _: #root::ColumnValue<'_>,
                _: &mut ::std::string::String,
            ) -> ::core::result::Result<(), #root::InvalidValue> {
                #unread
            }

            fn from_json(
                _: &#root::JsonValue<'_>,
            ) -> ::core::result::Result<#root::StoredValue<'static>, #root::FieldFault> {
                #unread
            }

            fn to_column(&self) -> ::core::result::Result<#root::StoredValue<'_>, #root::InvalidValue> {
                #unread
            }
        }
    }
}

//! The generated profile: a unit struct, its impls with the models in dependency order, and a constant check for each
//! model.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::ast::{Condition, Declaration, Listed};
use super::options::OnConflict;
use crate::attributes::Distributed;
use crate::root::Root;

/// The profile's type and its impls.
pub(super) fn expand(declaration: &Declaration) -> TokenStream {
    let Declaration { root, ident, name, options, models, .. } = declaration;
    let known = options.known.as_ref().map(|schema| {
        quote! {
            const KNOWN: ::core::option::Option<&'static #root::KnownSchema> = ::core::option::Option::Some(&#schema);
        }
    });
    let on_conflict = options.on_conflict.as_ref().map(|rule| on_conflict(rule, root));
    let checked_field = options.on_conflict.as_ref().and_then(|rule| checked_field(rule, root));
    let the_type = the_type(declaration);
    let [conditions, levels, deprecated] = of_the_impls(declaration);
    let count = count(models);
    let types = models.iter().map(|Listed { condition, path }| {
        let text = path.to_token_stream().to_string().replace(' ', "");
        quote!(#condition #text)
    });
    let [profiles, definitions, visits] = ["PROFILES", "MODEL", "accept"].map(|item| {
        let item = Ident::new(item, Span::call_site());
        let of_model =
            |Listed { condition, path }: &Listed| quote!(#condition <#path as #root::Syncable>::#item);
        models.iter().map(of_model).collect::<Vec<_>>()
    });
    let listed = models
        .iter()
        .map(|Listed { condition, path }| quote!(#condition impl #root::Lists<#path> for #ident {}));
    let (aliases, bounds): (Vec<_>, Vec<_>) =
        models.iter().enumerate().map(|(index, model)| partitioned(model, index, root)).unzip();
    let checks = models.iter().enumerate().map(|(index, Listed { condition, path })| {
        let index = self::count(&models[..index]);
        // With the span of the model's path: the compiler reports a failed check at the call.
        let at = root.at(path.span());
        quote_spanned!(path.span()=> #condition const _: () = #at::__private::Listing::check_model(&LISTING, #index);)
    });
    quote! {
        #the_type

        #conditions
        #levels
        #deprecated
        const _: () = {
            const COUNT: ::core::primitive::usize = #count;

            const LISTING: #root::__private::Listing<COUNT> = #root::__private::Listing::new(
                #name,
                [#(#types),*],
                [#(#profiles),*],
                [#(#definitions),*],
            );

            #[automatically_derived]
            impl #root::Profile for #ident {
                const NAME: &'static ::core::primitive::str = #name;

                const MODELS: &'static [&'static #root::Model] = &#root::__private::Listing::in_order(&LISTING);

                #known

                #on_conflict

                fn visit<V: #root::ModelVisitor>(
                    index: ::core::primitive::usize,
                    visitor: V,
                ) -> ::core::option::Option<V::Output> {
                    const ORDER: [::core::primitive::usize; COUNT] = #root::__private::Listing::order(&LISTING);
                    let visits: [fn(V) -> V::Output; COUNT] = [#(#visits),*];
                    let index = <[::core::primitive::usize]>::get(&ORDER, index)?;
                    ::core::option::Option::Some(visits[*index](visitor))
                }
            }

            #(#listed)*

            #(#aliases)*

            // `for<'a>` delays the check of the bounds until code needs the impl.
            #[automatically_derived]
            impl #root::PartitionedProfile for #ident
            where
                #(for<'a> #bounds),*
            {
            }

            #(#checks)*

            #checked_field
        };
    }
}

/// The constant with the rule for records in conflict.
fn on_conflict(rule: &OnConflict, root: &Root) -> TokenStream {
    let value = match rule {
        OnConflict::Named(variant) => quote!(#variant),
        OnConflict::Last(field) => {
            let by = field.unraw().to_string();
            quote!(Last { by: #by })
        }
        OnConflict::With(function) => quote_spanned!(function.span()=> With(#function)),
    };
    quote! {
        const ON_CONFLICT: #root::model::OnConflict = #root::model::OnConflict::#value;
    }
}

/// The check that every model has the field of `last(by = field)`. The compiler reports a failed check at the field.
fn checked_field(rule: &OnConflict, root: &Root) -> Option<TokenStream> {
    let OnConflict::Last(field) = rule else { return None };
    let at = root.at(field.span());
    let by = field.unraw().to_string();
    Some(quote_spanned! {field.span()=>
        const _: () = #at::__private::Listing::check_last(&LISTING, #by);
    })
}

/// The number of `models` whose conditions hold.
fn count(models: &[Listed]) -> TokenStream {
    if models.iter().all(|model| model.condition.is_none()) {
        return Literal::usize_unsuffixed(models.len()).to_token_stream();
    }
    let each = models.iter().map(|Listed { condition, .. }| quote!(#condition ()));
    quote!(<[()]>::len(&[#(#each),*]))
}

/// The bound that a model is partitioned. Rust has no condition for a bound, so a model with one has an alias, which is
/// another type if the condition does not hold.
fn partitioned(model: &Listed, index: usize, root: &Root) -> (Option<TokenStream>, TokenStream) {
    let Listed { condition, path } = model;
    let Some(Condition(predicate)) = condition else { return (None, quote!(#path: #root::Partitioned)) };
    let alias = format_ident!("Listed{index}");
    let aliases = quote! {
        #condition
        type #alias = #path;
        #[cfg(not(#predicate))]
        type #alias = #root::__private::Unlisted;
    };
    (Some(aliases), quote!(#alias: #root::__private::PartitionedIfListed))
}

/// The profile that replaces the real one after `error`. It lists every model, so no use of a model adds an error.
pub(super) fn stub(declaration: &Declaration, error: &syn::Error) -> TokenStream {
    let Declaration { root, ident, .. } = declaration;
    let the_type = the_type(declaration);
    let [conditions, levels, deprecated] = of_the_impls(declaration);
    let errors = error.clone().into_iter().map(syn::Error::into_compile_error);
    quote! {
        #(#conditions #errors)*

        #the_type

        #conditions
        #levels
        #deprecated
        const _: () = {
            #[automatically_derived]
            impl #root::Profile for #ident {
                const NAME: &'static ::core::primitive::str = "";

                const MODELS: &'static [&'static #root::Model] = &[];

                fn visit<V: #root::ModelVisitor>(
                    _: ::core::primitive::usize,
                    _: V,
                ) -> ::core::option::Option<V::Output> {
                    ::core::option::Option::None
                }
            }

            impl<M> #root::Lists<M> for #ident {}

            impl #root::PartitionedProfile for #ident {}
        };
    }
}

/// The unit struct, with the attributes and visibility of the declaration.
fn the_type(declaration: &Declaration) -> TokenStream {
    let Declaration { attributes, visibility, ident, .. } = declaration;
    quote! {
        #(#attributes)*
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        #visibility struct #ident;
    }
}

/// The attributes of the impls: the declaration's conditions and levels of lints, and for a deprecated profile the permission to
/// name it.
fn of_the_impls(declaration: &Declaration) -> [TokenStream; 3] {
    let Distributed { conditions, levels, deprecated, .. } = Distributed::of_type(&declaration.attributes);
    // No other attribute permits it, and no declaration without `deprecated` has an `allow`.
    let allowed = (!deprecated.is_empty()).then(|| quote!(#[allow(deprecated)]));
    [conditions, levels, quote!(#allowed)]
}

//! The generated profile: a unit struct, its impls with the models in dependency order, and a constant check for each
//! model.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::ast::Declaration;

/// The profile's type and its impls.
pub(super) fn expand(declaration: &Declaration) -> TokenStream {
    let Declaration { root, ident, name, models, .. } = declaration;
    let the_type = the_type(declaration);
    let count = Literal::usize_unsuffixed(models.len());
    let types = models.iter().map(|model| model.to_token_stream().to_string().replace(' ', ""));
    let index = (0..models.len()).map(Literal::usize_unsuffixed);
    let checks = models.iter().enumerate().map(|(index, model)| {
        let index = Literal::usize_unsuffixed(index);
        // With the span of the model's path: the compiler reports a failed check at the call.
        quote_spanned!(model.span()=> const _: () = LISTING.check_model(#index);)
    });
    quote! {
        #the_type

        const _: () = {
            const LISTING: #root::__private::Listing<#count> = #root::__private::Listing::new(
                #name,
                [#(#types),*],
                [#(<#models as #root::Syncable>::PROFILES),*],
                [#(<#models as #root::Syncable>::MODEL),*],
            );

            #[automatically_derived]
            impl #root::Profile for #ident {
                const NAME: &'static str = #name;

                const MODELS: &'static [&'static #root::Model] = &LISTING.in_order();

                fn visit<V: #root::ModelVisitor>(
                    index: usize,
                    visitor: V,
                ) -> ::core::option::Option<V::Output> {
                    const ORDER: [usize; #count] = LISTING.order();
                    match *ORDER.get(index)? {
                        #(#index => ::core::option::Option::Some(<#models as #root::Syncable>::accept(visitor)),)*
                        _ => ::core::option::Option::None,
                    }
                }
            }

            #(

                impl #root::Lists<#models> for #ident {}
            )*

            // `for<'a>` delays the check of the bounds until code needs the impl.
            #[automatically_derived]
            impl #root::PartitionedProfile for #ident
            where
                #(for<'a> #models: #root::Partitioned),*
            {
            }

            #(#checks)*
        };
    }
}

/// The profile that replaces the real one after `error`. It lists every model, so no use of a model adds an error.
pub(super) fn stub(declaration: &Declaration, error: &syn::Error) -> TokenStream {
    let Declaration { root, ident, .. } = declaration;
    let the_type = the_type(declaration);
    let error = error.to_compile_error();
    quote! {
        #error

        #the_type

        const _: () = {
            #[automatically_derived]
            impl #root::Profile for #ident {
                const NAME: &'static str = "";

                const MODELS: &'static [&'static #root::Model] = &[];

                fn visit<V: #root::ModelVisitor>(_: usize, _: V) -> ::core::option::Option<V::Output> {
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
        #[derive(Debug, Clone, Copy)]
        #visibility struct #ident;
    }
}

//! The type of a part: stages that pipelines have in common.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::ast::{Declaration, Part};
use super::expand::{Written, passed_on};

/// The type of the part, whose `extend` adds its stages to a pipeline.
pub(super) fn part(declaration: &Declaration, part: &Part, written: &Written) -> TokenStream {
    let Declaration { root, attributes, visibility, ident, generics, arguments, .. } = declaration;
    let Written { texts, graph, body, errors } = written;
    let Part { takes, hands_on } = part;
    let parameters = &generics.params;
    let bounds = generics.where_clause.as_ref().map(|bounds| &bounds.predicates);
    let comma = bounds.filter(|bounds| !bounds.empty_or_trailing()).map(|_| quote!(,));
    // Lifetimes come first; the macro's own parameters last.
    let separator = (!parameters.empty_or_trailing()).then(|| quote!(,));
    let own = |name| Ident::new(name, Span::mixed_site());
    let (pipeline, check) = (own("pipeline"), own("fit"));
    let (given, fit, chain, meter) = (own("Given"), own("F"), own("C"), own("M"));
    let (declared, passed) = passed_on(arguments);
    // Of the edition of this crate, where it holds all that the part is given, whatever the user's edition.
    let opaque = quote_spanned!(Span::mixed_site()=> impl);
    quote! {
        #(#errors)*

        #(#attributes)*
        #[derive(Debug, Clone, Copy)]
        #visibility struct #ident;

        impl #root::__private::Part for #ident {
            fn drawn() -> #root::Graph {
                Self::graph()
            }
        }

        #[allow(dead_code)]
        impl #ident {
            /// The stages, as they are declared.
            #visibility const STAGES: &'static [&'static str] = &[#(#texts),*];

            /// The part as it is declared, to be shown.
            #[must_use]
            #visibility fn graph() -> #root::Graph {
                #graph
            }

            /// `pipeline`, and behind it the stages of the part.
            #visibility fn extend<#parameters #separator #chain, #meter>(
                #pipeline: #root::Pipeline<#takes, #chain, #meter>,
                #declared
            ) -> #root::Pipeline<#hands_on, #opaque #root::Chain<Item = #hands_on>, #meter>
            where
                #bounds #comma
                #chain: #root::Chain<Item = #takes>,
                #meter: #root::Meter,
            {
                Self::part_of_a_pipeline(#pipeline, |_, item| item, #passed)
            }

            /// As `extend`, where `fit` takes what leaves `pipeline` into what the part takes.
            #[doc(hidden)]
            #visibility fn part_of_a_pipeline<#parameters #separator #given, #fit, #chain, #meter>(
                #pipeline: #root::Pipeline<#given, #chain, #meter>,
                #check: #fit,
                #arguments
            ) -> #root::Pipeline<#hands_on, #opaque #root::Chain<Item = #hands_on>, #meter>
            where
                #bounds #comma
                #fit: ::core::ops::FnMut(::core::marker::PhantomData<#takes>, #given) -> #takes,
                #chain: #root::Chain<Item = #given>,
                #meter: #root::Meter,
            {
                let #pipeline = #root::__private::fit_items(
                    #pipeline,
                    ::core::marker::PhantomData::<#takes>,
                    #check,
                );
                #body
            }
        }
    }
}

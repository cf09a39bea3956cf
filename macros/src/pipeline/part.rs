//! The type of a part: a sequence of stages for several pipelines.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned as _;

use super::ast::{Declaration, Part};
use super::expansion::{Expansion, passed_on};
use super::span_range::first_span;

/// The parts of the expansion of a part that a pipeline has as well.
pub(super) struct Written {
    pub(super) texts: Vec<String>,
    pub(super) graph: TokenStream,
    pub(super) body: TokenStream,
    pub(super) errors: Vec<TokenStream>,
}

/// The type of the part. Its function `extend` adds the stages to a pipeline.
pub(super) fn part(declaration: &Declaration, part: &Part, written: &Written) -> TokenStream {
    let Declaration { root, attributes, visibility, ident, generics, arguments, .. } = declaration;
    let Written { texts, graph, body, errors } = written;
    let Part { takes, hands_on } = part;
    let parameters = &generics.params;
    let bounds = generics.where_clause.as_ref().map(|bounds| &bounds.predicates);
    let comma = bounds.filter(|bounds| !bounds.empty_or_trailing()).map(|_| quote!(,));
    // Lifetimes come first, and the macro's own parameters last.
    let separator = (!parameters.empty_or_trailing()).then(|| quote!(,));
    // The names of type parameters are not hygienic.
    let own = |name| Ident::new(name, Span::mixed_site());
    let (pipeline, check) = (own("pipeline"), own("fit"));
    let (given, fit, chain, meter) = (own("__Given"), own("__Fit"), own("__Chain"), own("__Meter"));
    let (declared, passed) = passed_on(arguments);
    let (count, extend) = (arguments.len(), extend(arguments.len(), Span::mixed_site()));
    // This span has the edition of this crate, in which `impl Trait` captures all parameters, independent of the user's
    // edition.
    let opaque = quote_spanned!(Span::mixed_site()=> impl);
    quote! {
        #(#errors)*

        #(#attributes)*
        #[derive(Debug, Clone, Copy)]
        #visibility struct #ident;

        // `extend` with the user's tokens is the first item, as in a whole pipeline.
        #[allow(dead_code, clippy::too_many_arguments)]
        impl #ident {
            /// Like `extend`. `fit` turns the items of `pipeline` into items that the part accepts.
            #[doc(hidden)]
            #visibility fn #extend<#parameters #separator #given, #fit, #chain, #meter>(
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

            /// The stages, as declared.
            #visibility const STAGES: &'static [&'static str] = &[#(#texts),*];

            /// The graph of the part, as declared.
            #[must_use]
            #visibility fn graph() -> #root::Graph {
                #graph
            }

            /// Adds the stages of the part to `pipeline`.
            #visibility fn extend<#parameters #separator #chain, #meter>(
                #pipeline: #root::Pipeline<#takes, #chain, #meter>,
                #declared
            ) -> #root::Pipeline<#hands_on, #opaque #root::Chain<Item = #hands_on>, #meter>
            where
                #bounds #comma
                #chain: #root::Chain<Item = #takes>,
                #meter: #root::Meter,
            {
                Self::#extend(#pipeline, |_, item| item, #passed)
            }
        }

        impl #root::__private::Part for #ident {
            const TAKES: usize = #count;

            fn drawn() -> #root::Graph {
                Self::graph()
            }
        }
    }
}

impl Expansion<'_> {
    /// The lines of a `through`. The part's own function declares the types.
    pub(super) fn through(&self, part: &Expr) -> TokenStream {
        let pipeline = self.pipeline;
        let count = match part {
            Expr::Call(call) => call.args.len(),
            _ => 0,
        };
        let (part, arguments) = part_and_arguments(part);
        let span = first_span(&part);
        let extend = extend(count, span);
        let fit = self.fit(span, "FitsPart");
        let root = self.root.at(span);
        quote_spanned! {span=>
            <#part as #root::fit::IsPart>::check();
            <#root::fit::Joint as #root::fit::IsGiven<
                { <#part as #root::fit::IsPart>::TAKES },
                #count,
            >>::check();
            // A type that is not a part has functions of this name as well, and so has a part with another number of
            // parameters.
            let #pipeline = #part::#extend(#pipeline, #fit, #arguments);
        }
    }

    /// The last line of a part. It checks that the items have the declared type.
    pub(super) fn end_of_part(&self, part: &Part) -> TokenStream {
        let pipeline = self.pipeline;
        let span = part.hands_on.span();
        let root = self.root.at(span);
        let check = self.fit(span, "HandsOn");
        let declared = &part.hands_on;
        quote_spanned! {span=>
            #root::__private::fit_items(#pipeline, ::core::marker::PhantomData::<#declared>, #check)
        }
    }
}

/// The name of the function that adds a part with `count` arguments. The number is in the name, so that a wrong number
/// breaks the rule `IsGiven` and is not reported for arguments that the user did not write.
fn extend(count: usize, span: Span) -> Ident {
    Ident::new(&format!("part_of_a_pipeline_{count}"), span)
}

/// The part and its arguments, from `Tidy` or from `Tidy(5)`.
pub(super) fn part_and_arguments(part: &Expr) -> (TokenStream, TokenStream) {
    match part {
        Expr::Call(call) => (call.func.to_token_stream(), call.args.to_token_stream()),
        part => (part.to_token_stream(), TokenStream::new()),
    }
}

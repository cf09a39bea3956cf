//! The type of a part: a sequence of stages for several pipelines.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Expr;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::ast::{Declaration, Part};
use super::expansion::{Expansion, passed_on};
use super::span_range::{SpanRange, first_span};
use crate::attributes::{Distributed, of_expansion, parameters_allowed};

/// The parts of the expansion of a part that a pipeline has as well.
pub(super) struct Written {
    pub(super) texts: Vec<TokenStream>,
    pub(super) graph: TokenStream,
    pub(super) body: TokenStream,
    pub(super) errors: Vec<TokenStream>,
}

/// The type of the part. Its function `extend` adds the stages to a pipeline.
pub(super) fn part(declaration: &Declaration, part: &Part, written: &Written) -> TokenStream {
    let Declaration { root, attributes, visibility, ident, generics, arguments, .. } = declaration;
    let Distributed { on_type, conditions, levels, deprecated } = Distributed::of_functions(attributes);
    let visible = of_expansion(visibility);
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
    let (many, many_with_fit) = (parameters_allowed(count + 1), parameters_allowed(count + 2));
    let the_impls = quote! {
        // `extend` with the user's tokens is the first item, as in a whole pipeline.
        #conditions
        #levels
        impl #ident {
            /// Like `extend`. `fit` turns the items of `pipeline` into items that the part accepts.
            #[doc(hidden)]
            #many_with_fit
            #visible fn #extend<#parameters #separator #given, #fit, #chain, #meter>(
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
            #visible const STAGES: &'static [&'static ::core::primitive::str] = &[#(#texts),*];

            /// The graph of the part, as declared.
            #[must_use]
            #visible fn graph() -> #root::Graph {
                #graph
            }

            /// Adds the stages of the part to `pipeline`.
            #many
            #visible fn extend<#parameters #separator #chain, #meter>(
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

        #conditions
        impl #root::__private::Part for #ident {
            const TAKES: ::core::primitive::usize = #count;

            fn drawn() -> #root::Graph {
                Self::graph()
            }
        }
    };
    // The functions of a deprecated part call each other. Only one attribute around all of them does not apply to these calls.
    let the_impls = if deprecated.is_empty() {
        the_impls
    } else {
        quote! {
            #conditions
            #deprecated
            const _: () = { #the_impls };
        }
    };
    quote! {
        #(#conditions #errors)*

        #on_type
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        #visibility struct #ident;

        #the_impls
    }
}

impl Expansion<'_> {
    /// The lines of a `through`. The part's own function declares the types.
    pub(super) fn through(&self, part: &Expr) -> TokenStream {
        let pipeline = self.pipeline;
        if is_function(part) {
            return self.through_function(part);
        }
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

    /// The line of a `through` with a function of the user, which is called with the pipeline and the arguments.
    fn through_function(&self, function: &Expr) -> TokenStream {
        let pipeline = self.pipeline;
        let (named, arguments) = part_and_arguments(function);
        let range = SpanRange::of(&named);
        let first = range.first;
        let call = match function {
            Expr::Call(_) => {
                let given = range.arguments(quote!(#pipeline, #arguments));
                quote_spanned!(first=> #named #given)
            }
            Expr::Path(_) => {
                let rule = range.path(self.root, &quote_spanned!(first=> fit::IsExtension), "extend");
                let (rule, given) = (range.in_braces(rule), range.arguments(quote!(#named, #pipeline)));
                quote_spanned!(first=> #rule #given)
            }
            closure => {
                let root = self.root.at(first);
                quote_spanned!(first=> #root::__private::through_closure(#pipeline, #closure))
            }
        };
        quote_spanned!(first=> let #pipeline = #call;)
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

/// True if the argument of a `through` is a closure or a function. The name of a part, which is a type, begins with a capital.
pub(super) fn is_function(part: &Expr) -> bool {
    let path = match part {
        Expr::Call(call) => &*call.func,
        part => part,
    };
    match path {
        Expr::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident.unraw().to_string().starts_with(char::is_lowercase)),
        Expr::Closure(_) => true,
        _ => false,
    }
}

/// The part and its arguments, from `Tidy` or from `Tidy(5)`.
pub(super) fn part_and_arguments(part: &Expr) -> (TokenStream, TokenStream) {
    match part {
        Expr::Call(call) => (call.func.to_token_stream(), call.args.to_token_stream()),
        part => (part.to_token_stream(), TokenStream::new()),
    }
}

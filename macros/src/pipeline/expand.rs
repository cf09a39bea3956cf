//! The expansion: the type of a pipeline, with a `let` for each piece.
//!
//! The items of a stage pass through a closure that calls the rule `Fits`. The tokens of the closure are at the first
//! token of the stage, so that the error of a misfit is there. An error in the body of a closure does not change its
//! type, so the pieces behind it are checked as if the stage did fit.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{ReturnType, Type};

use super::ast::{Declaration, Piece, PieceKind};
use super::constructor::Call;
use super::expand_clauses::name;
use super::expand_policy::{PolicyValue, asks_for_given, given};
use super::expansion::{Expansion, passed_on};
use super::graph::graph;
use super::members::Members;
use super::operator::Position;
use super::part::{self, Written};
use super::slot::{Slot, SlotValue};
use super::span_range::{SpanRange, first_span};
use super::text::text;
use crate::attributes::{Distributed, conditions, of_expansion, parameters_allowed};

/// The number of stages without a buffer that are one type. About a hundred exceed the compiler's limit on recursion.
const LONGEST_SEGMENT: usize = 64;

/// The type of the pipeline. If the declaration has `errors`, the type has the same items.
pub(super) fn expand(declaration: &Declaration, errors: Option<syn::Error>) -> TokenStream {
    let Declaration { root, attributes, visibility, ident, generics, arguments, .. } = declaration;
    let Distributed { on_type, conditions, levels, deprecated } = Distributed::of_functions(attributes);
    let mut errors = errors.into_iter().flatten();
    let texts: Vec<_> = declaration.pieces.iter().map(shown).collect();
    let graph = graph(declaration);
    let output = output(declaration);
    let body = body(declaration, &mut errors);
    let (parameters, _, bounds) = generics.split_for_impl();
    let errors = errors.map(syn::Error::into_compile_error);
    if let Some(part) = &declaration.part {
        return part::part(declaration, part, &Written { texts, graph, body, errors: errors.collect() });
    }
    let options = Ident::new("options", Span::mixed_site());
    let (declared, passed) = passed_on(arguments);
    let (many, many_with_options) =
        (parameters_allowed(arguments.len()), parameters_allowed(arguments.len() + 1));
    // The user's spans would apply the user's lints to the functions, such as the one that counts their arguments.
    let visible = of_expansion(visibility);
    let comma = (!arguments.empty_or_trailing()).then(|| quote!(,));
    let types: Vec<_> = generics.type_params().map(|parameter| &parameter.ident).collect();
    let constants: Vec<_> = generics.const_params().map(|parameter| &parameter.ident).collect();
    let turbofish = if types.is_empty() && constants.is_empty() {
        TokenStream::new()
    } else {
        quote!(::<#(#types,)* #(#constants),*>)
    };
    // `impl Trait` cannot be an argument of the bound.
    let prepare = (!has_no_name(&output)).then(|| {
        // This span has the edition of this crate, in which `impl Trait` captures all parameters, independent of the
        // user's edition.
        let opaque = quote_spanned!(Span::mixed_site()=> impl);
        let name = ident.unraw().to_string();
        quote! {
            /// Returns the pipeline with its arguments as a value that can be kept and run later.
            #many
            #visible fn prepare #parameters (#declared) -> #root::Job<
                #opaque ::core::ops::FnOnce(#root::RunOptions<'_>) -> ::core::result::Result<
                    #root::Outcome<#output>,
                    #root::Error,
                >,
            > #bounds {
                #root::Job::new(#name, Self::graph(), move |#options: #root::RunOptions<'_>| {
                    Self::run_with #turbofish (#passed #options)
                })
            }
        }
    });
    quote! {
        #(#conditions #errors)*

        #on_type
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        #visibility struct #ident;

        // `run_with` is the first item: an editor that completes an unfinished piece looks for it at the same position
        // of the expansion.
        #conditions
        #levels
        // On the functions themselves it would apply to their calls of each other, too.
        #deprecated
        impl #ident {
            /// Runs the pipeline like `run`, with `options` such as a cancel token and an observer.
            ///
            /// # Errors
            ///
            /// If the run fails or is cancelled.
            #many_with_options
            #visible fn run_with #parameters (
                #arguments #comma
                #options: #root::RunOptions<'_>
            ) -> ::core::result::Result<
                #root::Outcome<#output>,
                #root::Error,
            > #bounds {
                #body
            }

            /// The source, the stages and the sink, as declared.
            #visible const STAGES: &'static [&'static ::core::primitive::str] = &[#(#texts),*];

            /// The graph of the pipeline, as declared. The pipeline is not run.
            #[must_use]
            #visible fn graph() -> #root::Graph {
                #graph
            }

            /// Runs the pipeline to its end on this thread. Parallel stages have their own threads.
            ///
            /// # Errors
            ///
            /// If the source, a stage or the sink fails. The sink is then not finished, and makes no more items durable.
            #many
            #visible fn run #parameters (#declared) -> ::core::result::Result<
                #root::Outcome<#output>,
                #root::Error,
            > #bounds {
                Self::run_with #turbofish (#passed #root::RunOptions::new())
            }

            #prepare
        }
    }
}

fn output(declaration: &Declaration) -> TokenStream {
    match &declaration.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    }
}

/// The body of `run_with`: one or two lines for each piece.
///
/// A mistaken piece is expanded to one of `errors`. The compiler gives such an expression a type about which it reports
/// nothing, so the other pieces are checked without further errors.
fn body(declaration: &Declaration, errors: &mut impl Iterator<Item = syn::Error>) -> TokenStream {
    let pipeline = Ident::new("pipeline", Span::mixed_site());
    let options = Ident::new("options", Span::mixed_site());
    let is_part = declaration.part.is_some();
    // A part does not know if the pipeline that uses it commits.
    let commits = is_part || declaration.pieces.last().is_some_and(|last| last.suffixes.commits());
    let names = declaration.values();
    let source = place(&declaration.pieces[0], &names);
    let expansion = Expansion {
        root: &declaration.root,
        pipeline: &pipeline,
        options: &options,
        names: &names,
        is_part,
        source,
        commits,
    };
    let last = declaration.pieces.len() - 1;
    let root = &declaration.root;
    let mut lines = quote!(use #root::fit::methods::*;);
    let mut ended = false;
    let mut unboxed = 0;
    for (index, piece) in declaration.pieces.iter().enumerate() {
        let of_piece = match (index, &piece.kind) {
            (_, PieceKind::Mistake) => errors.next().map(|error| {
                let error = error.into_compile_error();
                quote!(let #pipeline = #error;)
            }),
            (0, _) if !is_part => Some(expansion.source(declaration, piece)),
            (_, PieceKind::Operator(name, operator, arguments)) if operator.position == Position::Stage => {
                let mut lines = expansion.operator(name, operator, arguments, &piece.suffixes);
                lines.extend(expansion.clauses(&piece.suffixes, operator.ends_a_segment));
                Some(lines)
            }
            _ if index == last && !is_part => {
                ended = true;
                Some(expansion.sink(piece, &declaration.output))
            }
            _ => {
                let mut lines = expansion.stage(piece);
                lines.extend(expansion.clauses(&piece.suffixes, false));
                Some(lines)
            }
        };
        lines.extend(expansion.under_attributes(piece, of_piece, ended));
        let ends_a_segment =
            matches!(&piece.kind, PieceKind::Operator(_, operator, _) if operator.ends_a_segment);
        unboxed = if ends_a_segment { 0 } else { unboxed + 1 };
        if unboxed == LONGEST_SEGMENT && !is_part && !ended {
            lines.extend(expansion.boxed());
            unboxed = 0;
        }
    }
    if let Some(part) = &declaration.part {
        lines.extend(expansion.end_of_part(part));
    } else if !ended {
        let error = errors.next().map(syn::Error::into_compile_error);
        lines.extend(error.unwrap_or_else(|| quote!(::core::unreachable!("the pipeline does not compile"))));
    }
    lines
}

/// The text of `piece`, if its conditions hold.
fn shown(piece: &Piece) -> TokenStream {
    let (conditions, text) = (conditions(&piece.attributes), text(piece));
    quote!(#conditions #text)
}

impl Expansion<'_> {
    /// The `lines` of `piece` as one statement with its attributes. Without attributes the lines stay as they are.
    fn under_attributes(
        &self,
        piece: &Piece,
        lines: Option<TokenStream>,
        is_end: bool,
    ) -> Option<TokenStream> {
        let Piece { attributes, .. } = piece;
        if attributes.is_empty() {
            return lines;
        }
        let pipeline = self.pipeline;
        Some(if is_end {
            quote! {
                #(#attributes)*
                let #pipeline = { #lines };
                #pipeline
            }
        } else {
            quote! {
                #(#attributes)*
                let #pipeline = {
                    #lines
                    #pipeline
                };
            }
        })
    }

    fn source(&self, declaration: &Declaration, piece: &Piece) -> TokenStream {
        let pipeline = &self.pipeline;
        let pipeline_name = declaration.ident.unraw().to_string();
        let span = first_span(&piece.tokens);
        let new = if declaration.is_unmetered { "unmetered" } else { "new" };
        let SlotValue { before, value, range } = match Members::of(piece) {
            Some(sources) => self.source_of_members(Slot::Source, &sources),
            None => self.slot_value(Slot::Source, &piece.tokens, |_| TokenStream::new()),
        };
        let new = range.in_braces(range.path(self.root, &quote_spanned!(span=> Pipeline), new));
        let source = Ident::new("source", Span::mixed_site().located_at(span));
        let named = piece.suffixes.named.as_ref().map(|named| {
            let call = name(named);
            quote!(let #pipeline = #pipeline #call;)
        });
        // A separate line: if several errors have one cause, the compiler shows the first one, and the rule's is the best.
        quote_spanned! {span=>
            #before
            let #source = #value;
            let #pipeline = #new(#pipeline_name, #source);
            #named
        }
    }

    fn stage(&self, piece: &Piece) -> TokenStream {
        let pipeline = &self.pipeline;
        let stage = &piece.tokens;
        let span = first_span(stage);
        let fit = self.fit(span, "Fits");
        let SlotValue { before, value, range } = self.slot_value(Slot::Stage, stage, |at| self.handed_on(at));
        let fit_stage =
            range.in_braces(range.path(self.root, &quote_spanned!(span=> __private), "fit_stage"));
        quote_spanned! {span=>
            #before
            let #pipeline = #fit_stage(#pipeline, #value, #fit);
        }
    }

    fn sink(&self, piece: &Piece, output: &ReturnType) -> TokenStream {
        let pipeline = &self.pipeline;
        let sink = &piece.tokens;
        let span = first_span(sink);
        let root = self.root.at(span);
        let fit = self.fit(span, "FitsSink");
        let every = piece.suffixes.commit.as_ref().and_then(|commit| commit.every.as_ref());
        let slot = if every.is_some() { Slot::CommittingSink } else { Slot::Sink };
        let SlotValue { before, value, range } = match Members::of(piece) {
            Some(sinks) => self.sink_of_members(slot, &sinks, |at| self.handed_on(at)),
            None => self
                .sink_of_operator(slot, piece, output)
                .unwrap_or_else(|| self.slot_value(slot, sink, |at| self.handed_on(at))),
        };
        let fit_sink = range.in_braces(range.path(self.root, &quote_spanned!(span=> __private), "fit_sink"));
        let named = piece.suffixes.named.as_ref().map(name);
        let runnable = quote_spanned!(span=> #fit_sink(#pipeline, #value, #fit) #named);
        let (before, runnable) = match self.policy(&piece.suffixes) {
            None => (quote!(#before), runnable),
            Some(policy) => {
                let on_error = piece.suffixes.policies.first().map(|policy| policy.on_error.span());
                let on_error = on_error.unwrap_or(span);
                let copies = self.copies(on_error, "IsSplit");
                let given = given(on_error);
                let given = asks_for_given(&piece.suffixes).then(
                    || quote_spanned!(span=> let #given = #root::__private::taken(&#pipeline).given_to_policy();),
                );
                let PolicyValue { before: lines, value: policy } = policy;
                let before = quote_spanned! {span=>
                    #before
                    let #pipeline = #runnable;
                    #given
                    #lines
                };
                (
                    before,
                    quote_spanned!(span=> #root::__private::taken(&#pipeline).add_policy_of_sink(#pipeline, #policy, #copies)),
                )
            }
        };
        let runnable = match every {
            None => runnable,
            Some(every) => {
                let every = self.size(every);
                quote_spanned!(span=> #runnable.commit_every(#every))
            }
        };
        let options = self.options;
        let declared = declared_output(output);
        let (at, rule) = match output {
            ReturnType::Default => (span, "GivesUndeclared"),
            ReturnType::Type(_, ty) => (ty.span(), "Gives"),
        };
        let gives = range.path(self.root, &quote_spanned!(span=> __private), "with_output");
        let give = self.fit(at, rule);
        // The declared output is compared before the pipeline is run, because it may determine the items of the source.
        let ended =
            range.arguments(quote_spanned!(at=> #runnable, ::core::marker::PhantomData::<#declared>, #give));
        let (run, options) =
            (Ident::new("run_or_unknown", range.last), range.arguments(options.to_token_stream()));
        quote_spanned! {at=>
            #before
            #gives #ended.#run #options
        }
    }
}

/// The range for errors of the value of `piece`.
fn place(piece: &Piece, names: &[String]) -> SpanRange {
    Members::of(piece).map_or_else(|| Call::range(&piece.tokens, names), |members| members.range(names))
}

/// The declared type of the output, or `_` for an `impl Trait`.
pub(super) fn declared_output(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => nameable(ty),
    }
}

/// The type `ty`, or `_` for an `impl Trait`, which has no name.
fn nameable(ty: &Type) -> TokenStream {
    let ty = ty.to_token_stream();
    if has_no_name(&ty) { quote!(_) } else { ty }
}

fn has_no_name(ty: &TokenStream) -> bool {
    ty.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(ident) if ident == "impl"))
}

//! The generated type: a `let` for each stage, in order.
//!
//! A stage of the user's own is handed its items through a closure that only calls [`Fits::fit`]. Every token of it has
//! the span of the stage's first, so that a misfit is reported there; and since a wrong body does not change the type
//! of a closure, what follows is checked as if the stage fitted.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ReturnType, Type};

use super::ast::{Argument, Arguments, Declaration, Kind, Piece};
use super::check::literal_size;
use super::operator::{Operator, Takes};
use super::text::text;
use crate::root::Root;

/// The type of the pipeline. After mistakes, which `errors` holds, it has the same shape.
pub(super) fn expand(declaration: &Declaration, errors: Option<syn::Error>) -> TokenStream {
    let Declaration { root, attributes, visibility, ident, generics, arguments, .. } = declaration;
    let mut errors = errors.into_iter().flatten();
    let texts: Vec<_> = declaration.pieces.iter().map(text).collect();
    let graph = texts.join(" => ");
    let output = output(declaration);
    let body = body(declaration, &mut errors);
    let (parameters, _, bounds) = generics.split_for_impl();
    let errors = errors.map(syn::Error::into_compile_error);
    quote! {
        #(#errors)*

        #(#attributes)*
        #[derive(Debug, Clone, Copy)]
        #visibility struct #ident;

        #[allow(dead_code)]
        impl #ident {
            /// The source, the stages and the sink, as they are declared.
            #visibility const STAGES: &'static [&'static str] = &[#(#texts),*];

            /// The pipeline as it is declared, on one line.
            #[must_use]
            #visibility const fn graph() -> &'static str {
                #graph
            }

            /// Runs the pipeline to its end, on this thread.
            ///
            /// # Errors
            ///
            /// When the source, a stage or the sink fails. What the sink took is then not made durable.
            #visibility fn run #parameters (#arguments) -> ::core::result::Result<
                #root::Outcome<#output>,
                #root::Error,
            > #bounds {
                #body
            }
        }
    }
}

fn output(declaration: &Declaration) -> TokenStream {
    match &declaration.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    }
}

/// A line for each piece.
///
/// One of `errors` stands where a piece is mistaken: an expression that is an error has a type of which the compiler
/// says nothing, so that what follows is checked, and counts as used, without further complaint.
fn body(declaration: &Declaration, errors: &mut impl Iterator<Item = syn::Error>) -> TokenStream {
    let pipeline = Ident::new("pipeline", Span::mixed_site());
    let expansion = Expansion { root: &declaration.root, pipeline: &pipeline };
    let last = declaration.pieces.len() - 1;
    let mut lines = TokenStream::new();
    let mut ended = false;
    for (index, piece) in declaration.pieces.iter().enumerate() {
        lines.extend(match (index, &piece.kind) {
            (_, Kind::Mistake) => errors.next().map(|error| {
                let error = error.into_compile_error();
                quote!(let #pipeline = #error;)
            }),
            (0, _) => Some(expansion.source(&declaration.ident, &piece.tokens)),
            (_, Kind::Operator(name, operator, arguments)) => {
                Some(expansion.operator(name, *operator, arguments))
            }
            _ if index == last => {
                ended = true;
                Some(expansion.sink(piece, &declaration.output))
            }
            _ => Some(expansion.stage(piece)),
        });
    }
    if !ended {
        let error = errors.next().map(syn::Error::into_compile_error);
        lines.extend(error.unwrap_or_else(|| quote!(::core::unreachable!("the pipeline does not compile"))));
    }
    lines
}

struct Expansion<'a> {
    root: &'a Root,
    /// The variable that holds the pipeline so far. The user's own expressions cannot see it.
    pipeline: &'a Ident,
}

impl Expansion<'_> {
    fn source(&self, ident: &Ident, source: &TokenStream) -> TokenStream {
        let pipeline = &self.pipeline;
        let name = ident.to_string();
        let span = first_span(source);
        let root = self.root.at(span);
        quote_spanned! {span=>
            let #pipeline = #root::Pipeline::new(#name, #root::fit::IsSource::itself(#source));
        }
    }

    fn operator(&self, name: &Ident, operator: Operator, arguments: &Arguments) -> TokenStream {
        let pipeline = self.pipeline;
        let call = match (operator.takes, arguments) {
            (_, Arguments::Unparsed(group, _)) => quote!(#name #group),
            (Takes::ClosureToMany, Arguments::Parsed(arguments)) => return self.flat_map(name, arguments),
            (Takes::Query, Arguments::Parsed(arguments)) => return self.lookup(name, arguments),
            (Takes::Nothing, _) => self.unbuffer(name),
            (Takes::Sink, Arguments::Parsed(arguments)) => {
                let sinks = arguments.iter().map(|sink| {
                    let (sink, root) = (&sink.value, self.root.at(first_span(&sink.value.to_token_stream())));
                    quote!(#root::fit::IsSink::itself(#sink))
                });
                quote!(#name(#(#sinks),*))
            }
            (Takes::Size, Arguments::Parsed(arguments)) => self.buffer(name, arguments),
            (_, Arguments::Parsed(arguments)) => {
                let values = arguments.iter().map(|argument| &argument.value);
                quote!(#name(#(#values),*))
            }
        };
        quote! {
            let #pipeline = #pipeline.#call;
        }
    }

    /// The method of this name has a bound on what comes before. Here the bound is in a closure, as for a stage.
    fn unbuffer(&self, name: &Ident) -> TokenStream {
        let span = name.span();
        let root = self.root.at(span);
        let check = closure(
            &quote_spanned!(span=> _, chunk),
            &quote_spanned!(span=> #root::fit::IsChunk::itself(chunk)),
        );
        quote_spanned! {span=>
            pipe(#root::__private::fit_stage(
                #root::__private::unbuffer(),
                #check,
            ))
        }
    }

    /// Whether the closure makes an iterator is checked in a closure too.
    fn flat_map(&self, name: &Ident, arguments: &[Argument]) -> TokenStream {
        let pipeline = self.pipeline;
        let span = name.span();
        let root = self.root.at(span);
        let values = arguments.iter().map(|argument| &argument.value);
        let check =
            closure(&quote_spanned!(span=> items), &quote_spanned!(span=> #root::fit::IsMany::itself(items)));
        quote_spanned! {span=>
            let #pipeline = #root::__private::flat_map(
                #pipeline,
                #(#values,)*
                #check,
            );
        }
    }

    /// What it is given is checked to be a chunk in a closure, and that comes first: the user's is read with what it says.
    fn lookup(&self, name: &Ident, arguments: &[Argument]) -> TokenStream {
        let pipeline = self.pipeline;
        let span = name.span();
        let root = self.root.at(span);
        let values = arguments.iter().map(|argument| &argument.value);
        let check = closure(
            &quote_spanned!(span=> _, chunk),
            &quote_spanned!(span=> #root::fit::IsLookedUp::itself(chunk)),
        );
        quote_spanned! {span=>
            let #pipeline = #root::__private::lookup(
                #pipeline,
                #check,
                #(#values,)*
            );
        }
    }

    /// One of the methods behind `buffer`.
    fn buffer(&self, name: &Ident, arguments: &[Argument]) -> TokenStream {
        let (named, plain): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.name.is_some());
        let size = plain.first().map(|size| self.size(&size.value));
        let find = |wanted: &str| {
            let argument =
                named.iter().find(|argument| argument.name.as_ref().is_some_and(|name| name == wanted));
            argument.map(|argument| &argument.value)
        };
        let method = |method| Ident::new(method, name.span());
        if let (Some(bytes), Some(of)) = (find("bytes"), find("of")) {
            let size = size.unwrap_or_else(|| quote!(::core::num::NonZeroUsize::MAX));
            let (method, bytes) = (method("buffer_weighed"), self.size(bytes));
            return quote!(#method(#size, #bytes, #of));
        }
        let (method, closes) = match (find("by"), find("within")) {
            (Some(key), _) => (method("buffer_by"), Some(key)),
            (None, Some(within)) => (method("buffer_within"), Some(within)),
            (None, None) => (method("buffer"), None),
        };
        let closes = closes.into_iter();
        quote!(#method(#size #(, #closes)*))
    }

    fn size(&self, size: &Expr) -> TokenStream {
        let root = self.root;
        match literal_size(size) {
            Some(literal) => quote!(const { #root::size(#literal) }),
            None => size.to_token_stream(),
        }
    }

    fn stage(&self, piece: &Piece) -> TokenStream {
        let pipeline = &self.pipeline;
        let stage = &piece.tokens;
        let span = first_span(stage);
        let root = self.root.at(span);
        let fit = self.fit(span);
        let stage = quote_spanned!(span=> #root::fit::IsStage::itself(#stage));
        quote_spanned! {span=>
            let #pipeline = #pipeline.pipe(#root::__private::fit_stage(#stage, #fit));
        }
    }

    fn sink(&self, piece: &Piece, output: &ReturnType) -> TokenStream {
        let pipeline = &self.pipeline;
        let sink = &piece.tokens;
        let span = first_span(sink);
        let root = self.root.at(span);
        let fit = self.fit(span);
        let sink = quote_spanned!(span=> #root::fit::IsSink::itself(#sink));
        let outcome = quote_spanned! {span=>
            #pipeline.end(#root::__private::fit_sink(#sink, #fit)).run()
        };
        let (span, declared) = match output {
            ReturnType::Default => (span, quote!(())),
            ReturnType::Type(_, ty) => (ty.span(), nameable(ty)),
        };
        let root = self.root.at(span);
        let check = closure(
            &quote_spanned!(span=> declared, output),
            &quote_spanned!(span=> #root::fit::Gives::give(declared, output)),
        );
        quote_spanned! {span=>
            #root::__private::give(
                ::core::marker::PhantomData::<#declared>,
                #outcome,
                #check,
            )
        }
    }

    fn fit(&self, span: Span) -> TokenStream {
        let root = self.root.at(span);
        closure(
            &quote_spanned!(span=> takes, item),
            &quote_spanned!(span=> #root::fit::Fits::fit(takes, item)),
        )
    }
}

/// `|parameters| call`, whose bars are not the user's: nobody is told that the closure they did not write is redundant.
fn closure(parameters: &TokenStream, call: &TokenStream) -> TokenStream {
    quote!(|#parameters| #call)
}

/// `ty`, where a type must have a name: `impl Trait` has none, and is left to be inferred.
fn nameable(ty: &Type) -> TokenStream {
    let mut tokens = ty.to_token_stream().into_iter();
    let is_impl = tokens.any(|token| matches!(token, TokenTree::Ident(ident) if ident == "impl"));
    if is_impl { quote!(_) } else { ty.to_token_stream() }
}

fn first_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

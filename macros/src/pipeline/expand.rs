//! The generated type: a `let` for each stage, in order.
//!
//! A stage of the user's own is handed its items through a closure that only calls [`Fits::fit`]. Every token of it has
//! the span of the stage's first, so that a misfit is reported there; and since a wrong body does not change the type
//! of a closure, what follows is checked as if the stage fitted.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Expr, Pat, PatType, ReturnType, Token, Type};

use super::ast::{Argument, Arguments, Declaration, Kind, Piece};
use super::check::literal_size;
use super::function::{keeping_to, of_any_item};
use super::graph::graph;
use super::on_error::{given, puts_away};
use super::operator::{Operator, Takes};
use super::part;
use super::policy::{Parallel, Suffixes};
use super::text::text;
use crate::root::Root;

/// The type of the pipeline. After mistakes, which `errors` holds, it has the same shape.
pub(super) fn expand(declaration: &Declaration, errors: Option<syn::Error>) -> TokenStream {
    let Declaration { root, attributes, visibility, ident, generics, arguments, .. } = declaration;
    let mut errors = errors.into_iter().flatten();
    let texts: Vec<_> = declaration.pieces.iter().map(text).collect();
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
    let types: Vec<_> = generics.type_params().map(|parameter| &parameter.ident).collect();
    let constants: Vec<_> = generics.const_params().map(|parameter| &parameter.ident).collect();
    let turbofish = if types.is_empty() && constants.is_empty() {
        TokenStream::new()
    } else {
        quote!(::<#(#types,)* #(#constants),*>)
    };
    // A type that has no name can stand in no bound.
    let prepare = (!has_no_name(&output)).then(|| {
        // Of the edition of this crate, where it holds all that the pipeline is given, whatever the user's edition.
        let opaque = quote_spanned!(Span::mixed_site()=> impl);
        let name = ident.to_string();
        quote! {
            /// The pipeline with what it is given, as a value: to be kept, and run later.
            #visibility fn prepare #parameters (#declared) -> #root::Prepared<
                #opaque ::core::ops::FnOnce(#root::RunOptions<'_>) -> ::core::result::Result<
                    #root::Outcome<#output>,
                    #root::Error,
                >,
            > #bounds {
                #root::Prepared::new(#name, Self::graph(), move |#options: #root::RunOptions<'_>| {
                    Self::run_with #turbofish (#options, #passed)
                })
            }
        }
    });
    quote! {
        #(#errors)*

        #(#attributes)*
        #[derive(Debug, Clone, Copy)]
        #visibility struct #ident;

        // What the user wrote comes first: an editor that completes it looks for it at the same place in what is expanded
        // from half a word.
        #[allow(dead_code)]
        impl #ident {
            /// As `run`, heeding `options`: by whom it may be cancelled, and who is told how far it is.
            ///
            /// # Errors
            ///
            /// As for `run`, and when it is cancelled.
            #visibility fn run_with #parameters (
                #options: #root::RunOptions<'_>,
                #arguments
            ) -> ::core::result::Result<
                #root::Outcome<#output>,
                #root::Error,
            > #bounds {
                #body
            }

            /// The source, the stages and the sink, as they are declared.
            #visibility const STAGES: &'static [&'static str] = &[#(#texts),*];

            /// The pipeline as it is declared, to be shown: it is not run.
            #[must_use]
            #visibility fn graph() -> #root::Graph {
                #graph
            }

            /// Runs the pipeline to its end, on this thread but for what is declared to be parallel.
            ///
            /// # Errors
            ///
            /// When the source, a stage or the sink fails. What the sink took is then not made durable.
            #visibility fn run #parameters (#declared) -> ::core::result::Result<
                #root::Outcome<#output>,
                #root::Error,
            > #bounds {
                Self::run_with #turbofish (#root::RunOptions::new(), #passed)
            }

            #prepare
        }
    }
}

/// What was written of a declaration.
pub(super) struct Written {
    pub(super) texts: Vec<String>,
    pub(super) graph: TokenStream,
    pub(super) body: TokenStream,
    pub(super) errors: Vec<TokenStream>,
}

/// The arguments of `run`, each with a name, and the names: what `run` is given it passes on.
pub(super) fn passed_on(arguments: &Punctuated<PatType, Token![,]>) -> (TokenStream, TokenStream) {
    let named: Vec<_> = arguments
        .iter()
        .enumerate()
        .map(|(index, argument)| match &*argument.pat {
            Pat::Ident(pattern) => (pattern.ident.clone(), &argument.ty),
            _ => (Ident::new(&format!("argument_{index}"), Span::mixed_site()), &argument.ty),
        })
        .collect();
    let declared = named.iter().map(|(name, ty)| quote!(#name: #ty));
    let passed = named.iter().map(|(name, _)| name);
    (quote!(#(#declared),*), quote!(#(#passed),*))
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
    let options = Ident::new("options", Span::mixed_site());
    let is_part = declaration.part.is_some();
    let expansion = Expansion { root: &declaration.root, pipeline: &pipeline, options: &options, is_part };
    let last = declaration.pieces.len() - 1;
    let mut lines = TokenStream::new();
    let mut ended = false;
    for (index, piece) in declaration.pieces.iter().enumerate() {
        lines.extend(match (index, &piece.kind) {
            (_, Kind::Mistake) => errors.next().map(|error| {
                let error = error.into_compile_error();
                quote!(let #pipeline = #error;)
            }),
            (0, _) if !is_part => Some(expansion.source(declaration, &piece.tokens)),
            (_, Kind::Operator(name, operator, arguments)) => {
                let mut lines = expansion.operator(name, *operator, arguments, &piece.suffixes);
                lines.extend(expansion.policies(&piece.suffixes));
                Some(lines)
            }
            _ if index == last && !is_part => {
                ended = true;
                Some(expansion.sink(piece, &declaration.output))
            }
            _ => {
                let mut lines = expansion.stage(piece);
                lines.extend(expansion.policies(&piece.suffixes));
                Some(lines)
            }
        });
    }
    if let Some(part) = &declaration.part {
        lines.extend(expansion.end_of_part(part));
    } else if !ended {
        let error = errors.next().map(syn::Error::into_compile_error);
        lines.extend(error.unwrap_or_else(|| quote!(::core::unreachable!("the pipeline does not compile"))));
    }
    lines
}

pub(super) struct Expansion<'a> {
    pub(super) root: &'a Root,
    /// The variable that holds the pipeline so far. The user's own expressions cannot see it.
    pub(super) pipeline: &'a Ident,
    /// The variable that holds what the run heeds from outside.
    options: &'a Ident,
    is_part: bool,
}

impl Expansion<'_> {
    fn source(&self, declaration: &Declaration, source: &TokenStream) -> TokenStream {
        let pipeline = &self.pipeline;
        let name = declaration.ident.to_string();
        let span = first_span(source);
        let root = self.root.at(span);
        let new = Ident::new(if declaration.is_unmetered { "unmetered" } else { "new" }, span);
        quote_spanned! {span=>
            let #pipeline = #root::Pipeline::#new(#name, #root::fit::IsSource::itself(#source));
        }
    }

    fn operator(
        &self,
        name: &Ident,
        operator: Operator,
        arguments: &Arguments,
        suffixes: &Suffixes,
    ) -> TokenStream {
        let pipeline = self.pipeline;
        if let (Some(parallel), Arguments::Parsed(arguments), Some(method)) =
            (&suffixes.parallel, arguments, operator.on_threads())
        {
            return self.parallel(name, method, parallel, arguments);
        }
        if let (Takes::Part, Arguments::Parsed(arguments)) = (operator.takes, arguments) {
            return self.through(arguments);
        }
        let call = match (operator.takes, arguments) {
            (_, Arguments::Unparsed(group, _)) => quote!(#name #group),
            (Takes::ClosureToMany, Arguments::Parsed(arguments)) => return self.flat_map(name, arguments),
            (Takes::Query, Arguments::Parsed(arguments)) => return self.lookup(name, arguments),
            (Takes::Nothing, _) => self.unbuffer(name),
            (Takes::Sink, Arguments::Parsed(arguments)) => return self.tee(name, arguments),
            (Takes::Size, Arguments::Parsed(arguments)) => self.buffer(name, arguments),
            (Takes::Count | Takes::Part, Arguments::Parsed(arguments)) => {
                let values = arguments.iter().map(|argument| &argument.value);
                quote!(#name(#(#values),*))
            }
            (Takes::StateAndClosure, Arguments::Parsed(arguments)) => {
                let mut values = arguments.iter().map(|argument| &argument.value);
                let state = values.next();
                let functions = values.map(|function| of_any_item(self.root, function));
                quote!(#name(#state #(, #functions)*))
            }
            (Takes::Closure, Arguments::Parsed(arguments)) if name == "dedup" => {
                let keys = arguments.iter().map(|argument| keeping_to(self.root, "IsKey", &argument.value));
                quote!(#name(#(#keys),*))
            }
            (Takes::Closure, Arguments::Parsed(arguments)) => {
                let functions = arguments.iter().map(|argument| of_any_item(self.root, &argument.value));
                quote!(#name(#(#functions),*))
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
        let values = arguments.iter().map(|argument| of_any_item(self.root, &argument.value));
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
        let values = arguments.iter().map(|argument| of_any_item(self.root, &argument.value));
        let check = closure(
            &quote_spanned!(span=> _, chunk),
            &quote_spanned!(span=> #root::fit::IsLookedUp::itself(chunk)),
        );
        let answers = closure(
            &quote_spanned!(span=> answers),
            &quote_spanned!(span=> #root::fit::IsAnswered::itself(answers)),
        );
        quote_spanned! {span=>
            let #pipeline = #root::__private::lookup(
                #pipeline,
                #check,
                #(#values,)*
                #answers,
            );
        }
    }

    /// Whether items can be copied, and whether the sink takes them, is checked in closures.
    fn tee(&self, name: &Ident, arguments: &[Argument]) -> TokenStream {
        let pipeline = self.pipeline;
        let span = name.span();
        let root = self.root.at(span);
        let copies = self.copies(span, "IsTeed");
        let sinks = arguments.iter().map(|sink| {
            let sink = &sink.value;
            let span = first_span(&sink.to_token_stream());
            let (root, fit) = (self.root.at(span), self.fit(span));
            quote_spanned!(span=> #root::__private::fit_sink(#root::fit::IsSink::itself(#sink), #fit))
        });
        quote_spanned! {span=>
            let #pipeline = #root::__private::tee(
                #pipeline,
                #(#sinks,)*
                #copies,
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
        // A part is not boxed: it knows nothing of how long what comes before it lives.
        let method = |method: &str| {
            Ident::new(
                &if self.is_part { method.replace("buffer", "gather") } else { method.to_owned() },
                name.span(),
            )
        };
        if let (Some(bytes), Some(of)) = (find("bytes"), find("of")) {
            let size = size.unwrap_or_else(|| quote!(::core::num::NonZeroUsize::MAX));
            let (method, bytes, of) =
                (method("buffer_weighed"), self.size(bytes), of_any_item(self.root, of));
            return quote!(#method(#size, #bytes, #of));
        }
        let (method, closes) = match (find("by"), find("within")) {
            (Some(key), _) => (method("buffer_by"), Some(keeping_to(self.root, "IsKey", key))),
            (None, Some(within)) => (method("buffer_within"), Some(within.to_token_stream())),
            (None, None) => (method("buffer"), None),
        };
        let closes = closes.into_iter();
        quote!(#method(#size #(, #closes)*))
    }

    fn size(&self, size: &Expr) -> TokenStream {
        let root = self.root;
        match literal_size(size) {
            // It is reported; evaluated too, it would be an error twice.
            Some(zero) if zero.base10_digits() == "0" => quote!(const { #root::size(1) }),
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
        let every = piece.suffixes.commit.as_ref().and_then(|commit| commit.every.as_ref());
        let rule = Ident::new(if every.is_some() { "IsCommitting" } else { "IsSink" }, span);
        let sink = quote_spanned!(span=> #root::fit::#rule::itself(#sink));
        let runnable = quote_spanned!(span=> #pipeline.end(#root::__private::fit_sink(#sink, #fit)));
        let runnable = match self.policy(&piece.suffixes) {
            None => runnable,
            Some(policy) => {
                let on_error = piece.suffixes.policies.first().map(|policy| policy.on_error.span());
                let on_error = on_error.unwrap_or(span);
                let copies = self.copies(on_error, "IsSplit");
                let given = given(on_error);
                let given = puts_away(&piece.suffixes).then(
                    || quote_spanned!(span=> let #given = (&#root::__private::taken(&#pipeline)).given();),
                );
                quote_spanned! {span=>
                    {
                        #[allow(unused_imports)]
                        use #root::__private::{InChunks as _, OneByOne as _};
                        let #pipeline = #runnable;
                        #given
                        (&#root::__private::taken(&#pipeline)).guard(#pipeline, #policy, #copies)
                    }
                }
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
        let outcome = quote_spanned!(span=> #runnable.run_with(#options));
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

    /// A `map` on several threads, by the method of that name.
    fn parallel(
        &self,
        name: &Ident,
        method: &str,
        parallel: &Parallel,
        arguments: &[Argument],
    ) -> TokenStream {
        let pipeline = self.pipeline;
        let root = self.root.at(name.span());
        let method = Ident::new(method, name.span());
        let workers = self.size(&parallel.workers);
        let capacity = parallel
            .capacity
            .as_ref()
            .map_or_else(|| quote!(#root::__private::CAPACITY), ToTokens::to_token_stream);
        let values = arguments.iter().map(|argument| of_any_item(self.root, &argument.value));
        let [stage, items, results, work] =
            ["stage", "items", "results", "work"].map(|name| Ident::new(name, Span::mixed_site()));
        quote_spanned! {name.span()=>
            let #stage = #root::__private::#method(&#pipeline, #workers, #capacity, #(#values),*);
            let (#items, #results, #work) = #root::__private::sent(&#stage);
            let #stage = #root::fit::AreItems::allow(#root::fit::Threads, #items, #stage);
            let #stage = #root::fit::AreResults::allow(#root::fit::Threads, #results, #stage);
            let #stage = #root::fit::IsWork::allow(#root::fit::Threads, #work, #stage);
            let #pipeline = #root::__private::on_threads(#pipeline, #results, #stage);
        }
    }

    pub(super) fn fit(&self, span: Span) -> TokenStream {
        let root = self.root.at(span);
        closure(
            &quote_spanned!(span=> takes, item),
            &quote_spanned!(span=> #root::fit::Fits::fit(takes, item)),
        )
    }
}

/// `|parameters| call`, whose bars are not the user's: nobody is told that the closure they did not write is redundant.
pub(super) fn closure(parameters: &TokenStream, call: &TokenStream) -> TokenStream {
    quote!(|#parameters| #call)
}

/// `ty`, where a type must have a name: `impl Trait` has none, and is left to be inferred.
fn nameable(ty: &Type) -> TokenStream {
    let ty = ty.to_token_stream();
    if has_no_name(&ty) { quote!(_) } else { ty }
}

fn has_no_name(ty: &TokenStream) -> bool {
    ty.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(ident) if ident == "impl"))
}

pub(super) fn first_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

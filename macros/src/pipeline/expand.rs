//! The generated type: a `let` for each stage, in order.
//!
//! A stage of the user's own is handed its items through a closure that only calls [`Fits::fit`]. Every token of it has
//! the span of the stage's first, so that a misfit is reported there; and since a wrong body does not change the type
//! of a closure, what follows is checked as if the stage fitted.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Expr, Pat, PatType, ReturnType, Token, Type};

use super::ast::{Argument, Arguments, Declaration, Kind, Piece};
use super::check::literal_size;
use super::function::{borrows, held_against, joint, keeping_to, of_any_item};
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
            /// As `run`, heeding `options`: what may cancel it, and who is told how far it is.
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
    let names: Vec<_> = declaration.arguments.iter().flat_map(|argument| names(&argument.pat)).collect();
    let expansion =
        Expansion { root: &declaration.root, pipeline: &pipeline, options: &options, names: &names, is_part };
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

/// The names that a pattern may bind.
fn names(pattern: &Pat) -> Vec<String> {
    fn collect(tokens: TokenStream, names: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => names.push(ident.to_string()),
                TokenTree::Group(group) => collect(group.stream(), names),
                _ => {}
            }
        }
    }
    let mut names = Vec::new();
    collect(pattern.to_token_stream(), &mut names);
    names
}

pub(super) struct Expansion<'a> {
    pub(super) root: &'a Root,
    /// The variable that holds the pipeline so far. The user's own expressions cannot see it.
    pub(super) pipeline: &'a Ident,
    /// The variable that holds what the run heeds from outside.
    options: &'a Ident,
    /// What the pipeline is given, by name.
    pub(super) names: &'a [String],
    is_part: bool,
}

impl Expansion<'_> {
    fn source(&self, declaration: &Declaration, source: &TokenStream) -> TokenStream {
        let pipeline = &self.pipeline;
        let name = declaration.ident.to_string();
        let span = first_span(source);
        let root = self.root.at(span);
        let new = Ident::new(if declaration.is_unmetered { "unmetered" } else { "new" }, span);
        let source = self.itself("IsSource", source);
        quote_spanned! {span=>
            let #pipeline = #root::Pipeline::#new(#name, #source);
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
            return self.parallel(name, operator, method, parallel, arguments);
        }
        if let (Takes::Part, Arguments::Parsed(arguments)) = (operator.takes, arguments) {
            return self.through(arguments);
        }
        let call = match (operator.takes, arguments) {
            (_, Arguments::Unparsed(group, _)) => return self.half_written(name, operator, group),
            (Takes::ClosureToMany, Arguments::Parsed(arguments)) => return self.flat_map(name, arguments),
            (Takes::Query, Arguments::Parsed(arguments)) => return self.lookup(name, arguments),
            (Takes::Nothing, _) => return self.unbuffer(name),
            (Takes::Sink, Arguments::Parsed(arguments)) => return self.tee(name, arguments),
            (Takes::Size, Arguments::Parsed(arguments)) => return self.buffer(name, arguments),
            (Takes::Count | Takes::Part, Arguments::Parsed(arguments)) => {
                let values = arguments.iter().map(|argument| self.wanted("IsCount", &argument.value));
                quote!(#name(#(#values),*))
            }
            (Takes::StateAndClosure, Arguments::Parsed(arguments)) => {
                let mut values = arguments.iter().map(|argument| &argument.value);
                let state = values.next();
                let functions = values.map(|function| match function {
                    // It has two arguments, and is called with them as it is.
                    Expr::Path(function) => function.to_token_stream(),
                    function => of_any_item(self.root, function),
                });
                quote!(#name(#state #(, #functions)*))
            }
            (Takes::Closure, Arguments::Parsed(arguments)) if name == "dedup" => {
                let Some(key) = arguments.first().map(|argument| &argument.value) else {
                    return TokenStream::new();
                };
                let (call, made) = (Ident::new("call", Span::mixed_site()), self.key(name.span(), key));
                let borrowed = self.borrowed_key(name.span(), key);
                return quote! {
                    let #call = #made;
                    #borrowed
                    let #pipeline = #pipeline.#name(#call);
                };
            }
            (Takes::Closure, Arguments::Parsed(arguments)) if let Some((of, rule)) = operator.rule() => {
                let made = arguments.iter().map(|argument| self.made(name.span(), of, rule, &argument.value));
                return self.with_made(name, made);
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

    /// A closure that calls `function` and holds what it makes against a rule. What it is called with is said first, so
    /// that the compiler reads the user's own closure with that in mind, and the rule with what comes of it.
    fn made(&self, span: Span, of: &str, rule: &str, function: &Expr) -> TokenStream {
        self.beside(span, of, function, &held_against(self.root, rule, function, &TokenStream::new()))
    }

    /// As [`made`](Self::made), for keys.
    fn key(&self, span: Span, function: &Expr) -> TokenStream {
        self.beside(span, "of_item_ref", function, &keeping_to(self.root, "IsKey", function))
    }

    /// A line that is wrong where a key is borrowed from its item.
    fn borrowed_key(&self, span: Span, function: &Expr) -> Option<TokenStream> {
        let check = borrows(self.root, function)?;
        let (root, given) = (self.root.at(span), self.handed_on(span));
        Some(quote_spanned!(span=> #root::__private::keys::look_at(#given, #check);))
    }

    fn beside(&self, span: Span, of: &str, function: &Expr, rule: &TokenStream) -> TokenStream {
        let (root, of, given) = (self.root.at(span), Ident::new(of, span), self.handed_on(span));
        let function = of_any_item(self.root, function);
        quote_spanned!(span=> #root::__private::#of(#given, #function, #rule))
    }

    /// What a stage that stands next will be given.
    fn handed_on(&self, span: Span) -> TokenStream {
        let (root, pipeline) = (self.root.at(span), self.pipeline);
        quote_spanned!(span=> #root::__private::handed_on(&#pipeline))
    }

    /// An operator whose closure is still being typed: as it will be, up to what there is of it. An editor that is asked to
    /// complete it then finds it in its place.
    fn half_written(&self, name: &Ident, operator: Operator, group: &Group) -> TokenStream {
        let (pipeline, span) = (self.pipeline, name.span());
        let root = self.root.at(span);
        let after = |before: TokenStream| {
            let written = group.stream();
            let mut whole = Group::new(Delimiter::Parenthesis, quote!(#before #written));
            whole.set_span(group.span_close());
            whole
        };
        let rule = if name == "dedup" { Some("of_item_ref") } else { operator.rule().map(|(of, _)| of) };
        match (operator.takes, rule) {
            (_, Some(of)) => {
                let (call, of) = (Ident::new("call", Span::mixed_site()), Ident::new(of, span));
                let given = self.handed_on(span);
                let group = after(quote!(#given,));
                quote! {
                    let #call = #root::__private::#of #group;
                    let #pipeline = #pipeline.#name(#call);
                }
            }
            (Takes::ClosureToMany, None) => {
                let group = after(quote!(#pipeline,));
                quote!(let #pipeline = #root::__private::flat_map #group;)
            }
            (Takes::Query, None) => {
                let check = self.is_looked_up(span);
                let group = after(quote!(#pipeline, #check,));
                quote!(let #pipeline = #root::__private::lookup #group;)
            }
            _ => quote!(let #pipeline = #pipeline.#name #group;),
        }
    }

    /// The operator `name`, called with closures that are made before it takes the pipeline.
    fn with_made(&self, name: &Ident, made: impl Iterator<Item = TokenStream>) -> TokenStream {
        let pipeline = self.pipeline;
        let call = Ident::new("call", Span::mixed_site());
        quote! {
            #(let #call = #made;)*
            let #pipeline = #pipeline.#name(#call);
        }
    }

    /// The method of this name has a bound on what comes before. Here the bound is in a closure, as for a stage.
    fn unbuffer(&self, name: &Ident) -> TokenStream {
        let pipeline = self.pipeline;
        let span = name.span();
        let root = self.root.at(span);
        let check = closure(
            &quote_spanned!(span=> _, chunk),
            &quote_spanned!(span=> #root::fit::IsChunk::itself(chunk)),
        );
        quote_spanned! {span=>
            let #pipeline = #root::__private::fit_stage(
                #pipeline,
                #root::__private::unbuffer(),
                #check,
            );
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
        let check = self.is_looked_up(span);
        let answers = arguments.iter().map(|argument| {
            let answer = closure(
                &quote_spanned!(span=> answers),
                &quote_spanned!(span=> #root::fit::IsAnswered::itself(answers)),
            );
            held_against(self.root, "Asks", &argument.value, &quote!(.map(#answer)))
        });
        quote_spanned! {span=>
            let #pipeline = #root::__private::lookup(
                #pipeline,
                #check,
                #(#values,)*
                #(#answers,)*
            );
        }
    }

    fn is_looked_up(&self, span: Span) -> TokenStream {
        let root = self.root.at(span);
        closure(
            &quote_spanned!(span=> _, chunk),
            &quote_spanned!(span=> #root::fit::IsLookedUp::itself(chunk)),
        )
    }

    /// Whether items can be copied, and whether the sink takes them, is checked in closures.
    fn tee(&self, name: &Ident, arguments: &[Argument]) -> TokenStream {
        let pipeline = self.pipeline;
        let span = name.span();
        let root = self.root.at(span);
        let copies = self.copies(span, "IsTeed");
        let Some(sink) = arguments.first() else { return TokenStream::new() };
        let sink = sink.value.to_token_stream();
        let at = first_span(&sink);
        let (first, sink) = self.called(&sink, "MakesSink", &self.handed_on(at));
        let (sink, fit) = (self.itself("IsOtherSink", &sink), self.fit(at, "FitsSink"));
        quote_spanned! {span=>
            #first
            let #pipeline = #root::__private::tee(
                #pipeline,
                #sink,
                #fit,
                #copies,
            );
        }
    }

    /// One of the methods behind `buffer`.
    fn buffer(&self, name: &Ident, arguments: &[Argument]) -> TokenStream {
        let pipeline = self.pipeline;
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
        let call = Ident::new("call", Span::mixed_site());
        if let (Some(bytes), Some(of)) = (find("bytes"), find("of")) {
            let size = size.unwrap_or_else(|| quote!(::core::num::NonZeroUsize::MAX));
            let (method, bytes) = (method("buffer_weighed"), self.size(bytes));
            let of = self.made(name.span(), "of_item_ref", "Weighs", of);
            return quote! {
                let #call = #of;
                let #pipeline = #pipeline.#method(#size, #bytes, #call);
            };
        }
        if let Some(key) = find("by") {
            let borrowed = self.borrowed_key(name.span(), key);
            let (method, key) = (method("buffer_by"), self.key(name.span(), key));
            return quote! {
                let #call = #key;
                #borrowed
                let #pipeline = #pipeline.#method(#size, #call);
            };
        }
        let (method, within) = match find("within") {
            Some(within) => (method("buffer_within"), Some(self.wanted("IsWait", within))),
            None => (method("buffer"), None),
        };
        let within = within.into_iter();
        quote! {
            let #pipeline = #pipeline.#method(#size #(, #within)*);
        }
    }

    fn size(&self, size: &Expr) -> TokenStream {
        let root = self.root;
        match literal_size(size) {
            // It is reported; evaluated too, it would be an error twice.
            Some(zero) if zero.base10_digits() == "0" => quote!(const { #root::size(1) }),
            Some(literal) => quote!(const { #root::size(#literal) }),
            None => self.wanted("IsSize", size),
        }
    }

    /// `value`, held against `rule`, which takes it into what is wanted.
    pub(super) fn wanted(&self, rule: &str, value: &Expr) -> TokenStream {
        let (first, last) = ends(&value.to_token_stream());
        let (root, joint) = (self.root.at(first), joint(self.root, first, last));
        let (rule, fit) = (Ident::new(rule, first), Ident::new("fit", last));
        quote_spanned!(first=> #root::fit::#rule::#fit(#value, #joint))
    }

    /// `part`, which is what `rule` says, or of a type that nobody knows.
    pub(super) fn itself(&self, rule: &str, part: &TokenStream) -> TokenStream {
        let (first, last) = ends(part);
        let root = self.root.at(first);
        let (rule, itself) = (Ident::new(rule, first), Ident::new("itself", last));
        quote_spanned!(first=> #root::fit::#rule::#itself(#part))
    }

    fn stage(&self, piece: &Piece) -> TokenStream {
        let pipeline = &self.pipeline;
        let stage = &piece.tokens;
        let span = first_span(stage);
        let root = self.root.at(span);
        let fit = self.fit(span, "Fits");
        let (first, stage) = self.called(stage, "MakesStage", &self.handed_on(span));
        let stage = self.itself("IsStage", &stage);
        quote_spanned! {span=>
            #first
            let #pipeline = #root::__private::fit_stage(#pipeline, #stage, #fit);
        }
    }

    fn sink(&self, piece: &Piece, output: &ReturnType) -> TokenStream {
        let pipeline = &self.pipeline;
        let sink = &piece.tokens;
        let span = first_span(sink);
        let root = self.root.at(span);
        let fit = self.fit(span, "FitsSink");
        let every = piece.suffixes.commit.as_ref().and_then(|commit| commit.every.as_ref());
        let (first, sink) = self.called(sink, "MakesSink", &self.handed_on(span));
        let sink = self.itself(if every.is_some() { "IsCommitting" } else { "IsSink" }, &sink);
        let runnable = quote_spanned!(span=> #root::__private::fit_sink(#pipeline, #sink, #fit));
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
            &quote_spanned!(span=> #root::fit::Gives::fit(declared, output, #root::fit::Joint)),
        );
        quote_spanned! {span=>
            #first
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
        operator: Operator,
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
            .map_or_else(|| quote!(#root::__private::CAPACITY), |capacity| self.wanted("IsCount", capacity));
        let values = arguments.iter().map(|argument| match operator.rule() {
            Some((_, rule)) => self.made(name.span(), "of_item_at_once", rule, &argument.value),
            None => of_any_item(self.root, &argument.value),
        });
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

    /// What is given, taken by `rule` into what is taken.
    pub(super) fn fit(&self, span: Span, rule: &str) -> TokenStream {
        let (root, rule) = (self.root.at(span), Ident::new(rule, span));
        closure(
            &quote_spanned!(span=> takes, item),
            &quote_spanned!(span=> #root::fit::#rule::fit(takes, item, #root::fit::Joint)),
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

/// Where `tokens` begin, and where they end.
pub(super) fn ends(tokens: &TokenStream) -> (Span, Span) {
    let last = tokens.clone().into_iter().last().map_or_else(Span::call_site, |token| token.span());
    (first_span(tokens), last)
}

pub(super) fn first_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

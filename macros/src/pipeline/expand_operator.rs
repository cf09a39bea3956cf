//! What is generated for an operator.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;

use super::ast::{Argument, Arguments};
use super::check::literal_size;
use super::expand::{Expansion, closure, first_span};
use super::function::{borrows, held_against, keeping_to, of_any_item};
use super::operator::{Operator, Takes};
use super::policy::{Parallel, Suffixes};
use super::role::{Made, Role};

impl Expansion<'_> {
    /// An operator: the method of its name, or what checks come before it.
    pub(super) fn operator(
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
            // A source and a sink, which stand elsewhere.
            (Takes::Sources | Takes::Sinks, _) => return TokenStream::new(),
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
                let borrowed = self.borrowed_key(name.span(), key, &self.handed_on(name.span()));
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
    pub(super) fn borrowed_key(
        &self,
        span: Span,
        function: &Expr,
        given: &TokenStream,
    ) -> Option<TokenStream> {
        let check = borrows(self.root, function)?;
        let root = self.root.at(span);
        Some(quote_spanned!(span=> #root::__private::keys::look_at(#given, #check);))
    }

    fn beside(&self, span: Span, of: &str, function: &Expr, rule: &TokenStream) -> TokenStream {
        let (root, of, given) = (self.root.at(span), Ident::new(of, span), self.handed_on(span));
        let function = of_any_item(self.root, function);
        quote_spanned!(span=> #root::__private::#of(#given, #function, #rule))
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
        let copies = self.copies(span, "IsTeed");
        let Some(sink) = arguments.first() else { return TokenStream::new() };
        let sink = sink.value.to_token_stream();
        let at = first_span(&sink);
        let Made { said, value, place } = self.part(Role::OtherSink, &sink, |at| self.handed_on(at));
        let (tee, fit) =
            (place.path(self.root, &quote_spanned!(at=> __private), "tee"), self.fit(at, "FitsSink"));
        let root = self.root.at(span);
        let committing = self.commits.then(|| {
            quote_spanned! {span=>
                let #pipeline = {
                    #[allow(unused_imports)]
                    use #root::__private::away::{CommitsAtTheEnd as _, CommitsToo as _};
                    (&#root::__private::away::copied(&#pipeline)).copies(#pipeline)
                };
            }
        });
        quote_spanned! {span=>
            #said
            let #pipeline = #tee(
                #pipeline,
                #value,
                #fit,
                #copies,
            );
            #committing
        }
    }

    /// One of the methods behind `buffer`, and then a pointer to what stands before it. A part has none: it knows nothing of
    /// how long what comes before it lives.
    fn buffer(&self, name: &Ident, arguments: &[Argument]) -> TokenStream {
        let pipeline = self.pipeline;
        let boxed = (!self.is_part).then(|| {
            let boxed = self.source.path(self.root, &quote!(__private), "boxed");
            let known = self.source.arguments(self.if_known("Chains", self.source, &quote!(#pipeline)));
            quote!(let #pipeline = #boxed #known;)
        });
        let (named, plain): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.name.is_some());
        let size = plain.first().map(|size| self.size(&size.value));
        let find = |wanted: &str| {
            let argument =
                named.iter().find(|argument| argument.name.as_ref().is_some_and(|name| name == wanted));
            argument.map(|argument| &argument.value)
        };
        let method = |method| Ident::new(method, name.span());
        let call = Ident::new("call", Span::mixed_site());
        if let (Some(bytes), Some(of)) = (find("bytes"), find("of")) {
            let size = size.unwrap_or_else(|| quote!(::core::num::NonZeroUsize::MAX));
            let (method, bytes) = (method("gather_weighed"), self.size(bytes));
            let of = self.made(name.span(), "of_item_ref", "Weighs", of);
            return quote! {
                let #call = #of;
                let #pipeline = #pipeline.#method(#size, #bytes, #call);
                #boxed
            };
        }
        if let Some(key) = find("by") {
            let borrowed = self.borrowed_key(name.span(), key, &self.handed_on(name.span()));
            let (method, key) = (method("gather_by"), self.key(name.span(), key));
            return quote! {
                let #call = #key;
                #borrowed
                let #pipeline = #pipeline.#method(#size, #call);
                #boxed
            };
        }
        let (method, within) = match find("within") {
            Some(within) => (method("gather_within"), Some(self.wanted("IsWait", within))),
            None => (method("gather"), None),
        };
        let within = within.into_iter();
        quote! {
            let #pipeline = #pipeline.#method(#size #(, #within)*);
            #boxed
        }
    }

    /// A size, which may not be zero.
    pub(super) fn size(&self, size: &Expr) -> TokenStream {
        let root = self.root;
        match literal_size(size) {
            // It is reported; evaluated too, it would be an error twice.
            Some(zero) if zero.base10_digits() == "0" => quote!(const { #root::size(1) }),
            Some(literal) => quote!(const { #root::size(#literal) }),
            None => self.wanted("IsSize", size),
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
}

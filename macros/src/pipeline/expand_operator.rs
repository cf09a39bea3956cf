//! The expansion of an operator.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Token};

use super::argument::{Argument, Arguments, bind, names};
use super::closures::{call_variable, callable, closure, result_rule, result_trait_rule};
use super::expansion::Expansion;
use super::members::keeps_output;
use super::operator::{Calls, Form, Kind, MadeBy, Operator, Parameter, Returns};
use super::policy::Suffixes;
use super::slot::{Slot, SlotValue};
use super::span_range::first_span;

impl Expansion<'_> {
    /// The lines of `operator`: those of its arguments, the call, and those behind it.
    pub(super) fn operator(
        &self,
        name: &Ident,
        operator: &Operator,
        arguments: &Arguments,
        suffixes: &Suffixes,
    ) -> TokenStream {
        let arguments = match arguments {
            Arguments::Parsed(arguments) => arguments,
            Arguments::Unparsed(group, _) => return self.half_written(name, operator, group),
        };
        let Some(form) = operator.form(&names(arguments)) else { return TokenStream::new() };
        if let (Some(parallel), Some(function)) = (&suffixes.parallel, operator.parallel) {
            return self.parallel(name, function, parallel, form, arguments);
        }
        let mut before = TokenStream::new();
        let mut values = Vec::new();
        for (index, (parameter, argument)) in bind(form, arguments).into_iter().enumerate() {
            match (parameter.kind, argument) {
                (Kind::Part, Some(part)) => return self.through(&part.value),
                (_, Some(argument)) => {
                    let (lines, value) = self.argument(name.span(), operator, parameter, argument, index);
                    before.extend(lines);
                    values.push(value);
                }
                (_, None) => values.extend(parameter.default.map(|default| {
                    let default = Ident::new(default, Span::call_site());
                    quote!(::core::num::NonZeroUsize::#default)
                })),
            }
        }
        let call = self.call(name, operator, form, &values);
        quote!(#before #call)
    }

    /// The lines before the call for one argument, and the value to pass.
    fn argument(
        &self,
        span: Span,
        operator: &Operator,
        parameter: &Parameter,
        Argument { value, .. }: &Argument,
        index: usize,
    ) -> (Option<TokenStream>, TokenStream) {
        match parameter.kind {
            Kind::Value | Kind::Part | Kind::Sources | Kind::Sinks => (None, value.to_token_stream()),
            Kind::Count => (None, self.number("IsCount", value)),
            Kind::Size { .. } => (None, self.size(value)),
            Kind::Duration => (None, self.wanted("IsWait", value)),
            Kind::Source => self.second_source(span, value),
            Kind::Sink { .. } => self.second_sink(span, value),
            Kind::Closure(calls, returns) => {
                let function = match value {
                    // A function with two parameters is passed unchanged.
                    Expr::Path(function) if calls.count() == 2 => function.to_token_stream(),
                    function => callable(self.root, function),
                };
                let Some(rule) = self.rule(span, returns, value) else { return (None, function) };
                let given = match calls {
                    Calls::OfSecond => self.given_by_second(span, index),
                    _ => self.given(span, operator),
                };
                let borrowed = match returns {
                    Returns::Key(_) | Returns::FirstKey => self.borrowed_key(span, value, &given),
                    Returns::SecondKey(..) => self.borrowed_key(span, value, &self.items_of_second(span)),
                    _ => None,
                };
                let (root, checked) = (self.root.at(span), Ident::new(calls.checked_by(), span));
                let call = call_variable(index);
                let lines = quote_spanned! {span=>
                    let #call = #root::__private::#checked(#given, #function, #rule);
                    #borrowed
                };
                let keys = match returns {
                    Returns::SecondKey(_, rule) => self.both_keys(value, index, rule),
                    _ => TokenStream::new(),
                };
                (Some(quote!(#lines #keys)), self.with_rule_of_output(call, returns, value))
            }
        }
    }

    /// The variable `call` of a closure, and behind it the rule of the output if the closure returns a future that may fail.
    fn with_rule_of_output(&self, call: Ident, returns: Returns, function: &Expr) -> TokenStream {
        match returns {
            Returns::Future(Some(rule)) => {
                let rule = result_rule(self.root, rule, function, &TokenStream::new());
                quote!(#call, #rule)
            }
            _ => call.into_token_stream(),
        }
    }

    /// The line that calls an operator with `values`, and the lines behind it.
    fn call(&self, name: &Ident, operator: &Operator, form: &Form, values: &[TokenStream]) -> TokenStream {
        let (pipeline, span) = (self.pipeline, name.span());
        let root = self.root.at(span);
        let copies = operator.copies_items.map(|rule| self.copies(span, rule));
        let values = quote!(#(#values,)* #copies);
        let has_a_sink = form.parameters.iter().any(|parameter| matches!(parameter.kind, Kind::Sink { .. }));
        let call = match form.made_by {
            MadeBy::ItsName => quote!(#pipeline.#name(#values)),
            MadeBy::Name(other) => {
                let other = Ident::new(other, span);
                quote!(#pipeline.#other(#values))
            }
            MadeBy::Awaiting => quote_spanned!(span=> #root::__private::futures::#name(#pipeline, #values)),
            MadeBy::Stage(stage) => {
                let stage = Ident::new(stage, span);
                let stage = quote_spanned!(span=> #root::stage::#stage::new(#values));
                match operator.items.map(|rule| self.fit_of_items(span, rule)) {
                    None if has_a_sink => {
                        quote_spanned!(span=> #root::__private::with_second_sink(#pipeline, #stage))
                    }
                    None => quote_spanned!(span=> #pipeline.pipe(#stage)),
                    Some(fit) => quote_spanned!(span=> #root::__private::fit_stage(#pipeline, #stage, #fit)),
                }
            }
        };
        let committing = (has_a_sink && self.commits).then(
            || quote_spanned!(span=> let #pipeline = #root::__private::away::copied(&#pipeline).copies_committing(#pipeline);),
        );
        quote! {
            let #pipeline = #call;
            #committing
        }
    }

    /// The type of the items that `operator` receives, as a value. Its closures are read with that type.
    fn given(&self, span: Span, operator: &Operator) -> TokenStream {
        let given = self.handed_on(span);
        match operator.items {
            None => given,
            Some(rule) => {
                let (root, fit) = (self.root.at(span), self.fit_of_items(span, rule));
                quote_spanned!(span=> #root::__private::items_as(#given, #fit))
            }
        }
    }

    /// A closure that checks items by `rule`.
    fn fit_of_items(&self, span: Span, rule: &str) -> TokenStream {
        let (root, rule) = (self.root.at(span), Ident::new(rule, span));
        // The compiler reports a broken rule at this variable, so it has the span of the operator.
        let item = Ident::new("item_of_the_stage", span);
        closure(&quote!(_, #item), &quote_spanned!(span=> #root::fit::#rule::itself(#item)))
    }

    /// The line of a second source, and the variable that holds it.
    fn second_source(&self, span: Span, source: &Expr) -> (Option<TokenStream>, TokenStream) {
        let tokens = source.to_token_stream();
        let at = first_span(&tokens);
        let SlotValue { before, value, .. } =
            self.slot_value(Slot::OtherSource, &tokens, |_| TokenStream::new());
        let source = second(span);
        let lines = quote_spanned! {at=>
            #before
            let #source = #value;
        };
        (Some(lines), source.to_token_stream())
    }

    /// The type of the items of the second source, as a value.
    fn items_of_second(&self, span: Span) -> TokenStream {
        let (root, source) = (self.root.at(span), second(span));
        quote_spanned!(span=> #root::__private::items_from(&#source))
    }

    /// The items of the second source, and the closure before that at `index`, which returns the keys of the other items.
    fn given_by_second(&self, span: Span, index: usize) -> TokenStream {
        let (items, before) = (self.items_of_second(span), call_variable(index.saturating_sub(1)));
        quote_spanned!(span=> #items, &#before)
    }

    /// The line that checks the keys of two closures by `rule`. The second closure, `function`, is at `index`.
    fn both_keys(&self, function: &Expr, index: usize, rule: &str) -> TokenStream {
        let (first, second) = (call_variable(index.saturating_sub(1)), call_variable(index));
        let at = first_span(&function.to_token_stream());
        let (root, rule) = (self.root.at(at), result_trait_rule(self.root, rule, function));
        quote_spanned!(at=> let (#first, #second) = #root::__private::both_keys(#first, #second, #rule);)
    }

    /// The lines of a second sink, and the variable that holds it.
    fn second_sink(&self, span: Span, sink: &Expr) -> (Option<TokenStream>, TokenStream) {
        let sink = sink.to_token_stream();
        let at = first_span(&sink);
        let SlotValue { before, value, range } =
            self.slot_value(Slot::OtherSink, &sink, |at| self.handed_on(at));
        let fitted = range.in_braces(range.path(self.root, &quote_spanned!(at=> __private), "fitted_sink"));
        let (given, fit, keeps) = (self.handed_on(span), self.fit(at, "FitsSink"), keeps_output(&sink, self));
        let sink = Ident::new("sink", Span::mixed_site());
        let lines = quote_spanned! {at=>
            #before
            let #sink = #fitted(#given, #value, #fit, #keeps);
        };
        (Some(lines), sink.to_token_stream())
    }

    /// The lines of an operator whose closure is incomplete. They equal those of the complete one up to the incomplete
    /// tokens, so an editor that completes the closure finds it in its place.
    fn half_written(&self, name: &Ident, operator: &Operator, group: &Group) -> TokenStream {
        let (pipeline, span) = (self.pipeline, name.span());
        let root = self.root.at(span);
        let in_parentheses = |tokens: TokenStream| {
            let mut whole = Group::new(Delimiter::Parenthesis, tokens);
            whole.set_span(group.span_close());
            whole
        };
        let checked = operator.forms.iter().find_map(|form| {
            let index = form.parameters.iter().position(
                |parameter| matches!(parameter.kind, Kind::Closure(_, returns) if returns != Returns::Anything),
            )?;
            match form.parameters[index].kind {
                Kind::Closure(calls, returns) if form.parameters[..=index].iter().all(|before| before.name.is_none()) => {
                    Some((form, index, calls, returns))
                }
                _ => None,
            }
        });
        let Some((form, index, calls, returns)) = checked else {
            let written = in_parentheses(group.stream());
            return quote!(let #pipeline = #pipeline.#name #written;);
        };
        let (before, written) = first_arguments(group.stream(), index);
        let (call, checked) = (call_variable(index), Ident::new(calls.checked_by(), span));
        let given = self.given(span, operator);
        let written = in_parentheses(quote!(#given, #written));
        let mut lines = TokenStream::new();
        let mut values = Vec::new();
        for (at, (parameter, tokens)) in form.parameters.iter().zip(before).enumerate() {
            let value = match syn::parse2::<Expr>(tokens.clone()) {
                Ok(value) => {
                    let (before, value) =
                        self.argument(span, operator, parameter, &Argument::from(value), at);
                    lines.extend(before);
                    value
                }
                Err(_) => tokens,
            };
            values.push(value);
        }
        let unread = Expr::Verbatim(name.to_token_stream());
        values.push(self.with_rule_of_output(call.clone(), returns, &unread));
        let next = self.call(name, operator, form, &values);
        quote! {
            #lines
            let #call = #root::__private::#checked #written;
            #next
        }
    }
}

/// The variable that holds a second source.
fn second(span: Span) -> Ident {
    Ident::new("second", Span::mixed_site().located_at(span))
}

/// The first `count` arguments, and the tokens behind them. If one of the arguments is incomplete, each comma ends an
/// argument, also a comma between generics.
fn first_arguments(tokens: TokenStream, count: usize) -> (Vec<TokenStream>, TokenStream) {
    let complete = |input: ParseStream<'_>| {
        let mut before = Vec::new();
        for _ in 0..count {
            before.push(input.parse::<Expr>()?.to_token_stream());
            input.parse::<Token![,]>()?;
        }
        Ok((before, input.parse::<TokenStream>()?))
    };
    complete.parse2(tokens.clone()).unwrap_or_else(|_| split_at_commas(tokens, count))
}

/// The tokens before each of the first `count` commas, and the tokens behind them.
fn split_at_commas(tokens: TokenStream, count: usize) -> (Vec<TokenStream>, TokenStream) {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let mut tokens = tokens.into_iter();
    let before = (0..count).map(|_| tokens.by_ref().take_while(|token| !is_comma(token)).collect()).collect();
    (before, tokens.collect())
}

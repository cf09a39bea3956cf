//! Operators with members: `merge` and `chain`, sources made of several sources, and `route`, a sink made of several sinks.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Expr;

use super::argument::{Arguments, names};
use super::ast::{Piece, PieceKind};
use super::closures::{binding, callable, closure};
use super::constructor::Call;
use super::expansion::Expansion;
use super::operator::{Calls, Form, Kind, MadeBy, Operator, Returns};
use super::slot::{Slot, SlotValue};
use super::span_range::{SpanRange, first_span};
use crate::attributes::{conditions, leading};
use crate::root::Root;

/// An operator with members, and its arguments.
pub(super) struct Members {
    name: Ident,
    form: &'static Form,
    list: TokenStream,
    closure: Closure,
}

/// The closure behind the members.
enum Closure {
    None,
    Whole(Box<Expr>),
    /// A closure that is incomplete.
    Half(TokenStream),
}

impl Members {
    /// The members of `piece`, if it is one of these operators.
    pub(super) fn of(piece: &Piece) -> Option<Self> {
        match &piece.kind {
            PieceKind::Operator(name, operator, arguments) if operator.has_members() => {
                Self::of_operator(name, operator, arguments)
            }
            _ => None,
        }
    }

    fn of_operator(name: &Ident, operator: &Operator, arguments: &Arguments) -> Option<Self> {
        let name = name.clone();
        match arguments {
            Arguments::Parsed(arguments) => {
                let form = operator.form(&names(arguments))?;
                let mut values = arguments.iter().map(|argument| &argument.value);
                let list = values.next()?.to_token_stream();
                let closure =
                    values.next().map_or(Closure::None, |closure| Closure::Whole(Box::new(closure.clone())));
                Some(Self { name, form, list, closure })
            }
            Arguments::Unparsed(group, _) => {
                let is_comma =
                    |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
                let mut tokens = group.stream().into_iter();
                let list = tokens.by_ref().take_while(|token| !is_comma(token)).collect();
                // Behind `by:`, if it is there.
                let rest: Vec<_> = tokens.collect();
                let named = matches!(rest.as_slice(), [TokenTree::Ident(_), TokenTree::Punct(colon), ..] if colon.as_char() == ':');
                let closure = rest.into_iter().skip(if named { 2 } else { 0 }).collect();
                let has_a_closure = |form: &&Form| {
                    form.parameters.iter().any(|parameter| matches!(parameter.kind, Kind::Closure(..)))
                };
                let form = operator.forms.iter().find(has_a_closure).or(operator.forms.first())?;
                Some(Self { name, form, list, closure: Closure::Half(closure) })
            }
        }
    }

    /// The range for errors of the members: that of the first one in an array, or of all. `values` are the names of the user's
    /// variables.
    pub(super) fn range(&self, values: &[String]) -> SpanRange {
        let first = match syn::parse2(self.list.clone()) {
            Ok(Expr::Array(array)) => array.elems.into_iter().next(),
            _ => None,
        };
        first.map_or_else(|| SpanRange::of(&self.list), |first| Call::range(&first.to_token_stream(), values))
    }

    /// The members of `tokens`, which are the sink of an operator or a policy.
    pub(super) fn sinks(tokens: &TokenStream) -> Option<Self> {
        let Ok(Expr::Call(call)) = syn::parse2(tokens.clone()) else { return None };
        let Expr::Path(function) = &*call.func else { return None };
        let name = function.path.get_ident()?;
        let operator = Operator::find(name).filter(|operator| operator.has(Kind::Sinks))?;
        let form = operator.forms.iter().find(|form| form.parameters.len() == call.args.len())?;
        let mut arguments = call.args.into_iter();
        let (members, closure) = (arguments.next()?, arguments.next()?);
        Some(Self {
            name: name.clone(),
            form,
            list: members.to_token_stream(),
            closure: Closure::Whole(Box::new(closure)),
        })
    }

    /// The members of `tokens`, which are the second source of an operator: `merge([..])` or `chain([..])`.
    pub(super) fn sources(tokens: &TokenStream) -> Option<Self> {
        let Ok(Expr::Call(call)) = syn::parse2(tokens.clone()) else { return None };
        let Expr::Path(function) = &*call.func else { return None };
        let name = function.path.get_ident()?;
        let operator = Operator::find(name).filter(|operator| operator.has(Kind::Sources))?;
        let form = operator.forms.iter().find(|form| form.parameters.len() == call.args.len())?;
        let mut arguments = call.args.into_iter();
        let (Some(members), None) = (arguments.next(), arguments.next()) else { return None };
        Some(Self { name: name.clone(), form, list: members.to_token_stream(), closure: Closure::None })
    }

    /// The function that creates the source or the sink, at `range`.
    fn function(&self, root: &Root, range: SpanRange) -> TokenStream {
        let name = match self.form.made_by {
            MadeBy::ItsName | MadeBy::Awaiting => self.name.to_string(),
            MadeBy::Name(other) | MadeBy::Stage(other) => other.to_owned(),
        };
        range.in_braces(range.path_of(root, &name)).into_token_stream()
    }

    /// The arguments and the required result of the closure.
    fn calls(&self) -> (Calls, Returns) {
        let calls = self.form.parameters.iter().find_map(|parameter| match parameter.kind {
            Kind::Closure(calls, returns) => Some((calls, returns)),
            _ => None,
        });
        calls.unwrap_or((Calls::Reference, Returns::Anything))
    }
}

impl Expansion<'_> {
    /// The value `part`, checked for its `slot`. `given` are the items that it will receive.
    ///
    /// A sink and a second source may be made of members. [`slot_value_by`](Self::slot_value_by) makes any other value.
    pub(super) fn slot_value(
        &self,
        slot: Slot,
        part: &TokenStream,
        given: impl FnOnce(Span) -> TokenStream,
    ) -> SlotValue {
        match slot {
            Slot::Sink | Slot::OtherSink | Slot::CommittingSink if let Some(sinks) = Members::sinks(part) => {
                self.sink_of_members(slot, &sinks, given)
            }
            Slot::OtherSource if let Some(sources) = Members::sources(part) => {
                self.source_of_members(slot, &sources)
            }
            _ => self.slot_value_by("function_of_the_pipeline", slot, part, given),
        }
    }

    /// The source that `members` form.
    pub(super) fn source_of_members(&self, slot: Slot, members: &Members) -> SlotValue {
        let range = members.range(self.names);
        let span = members.name.span();
        let (mut before, sources) = self.members(Slot::Source, &members.list, |_| TokenStream::new());
        let sources = sources.unwrap_or_else(|| are(self.root, "AreSources", &members.list));
        let merge = members.function(self.root, range);
        let merged = match &members.closure {
            Closure::None => {
                let sources = range.arguments(sources);
                quote_spanned!(span=> #merge #sources)
            }
            closure => {
                let variable = Ident::new("sources_of_the_pipeline", span);
                let merged =
                    range.in_braces(range.path(self.root, &quote_spanned!(span=> fit::members), "merged"));
                let given = range.arguments(quote_spanned!(span=> &#variable));
                let given = quote_spanned!(span=> #merged #given);
                let borrowed = match closure {
                    Closure::Whole(key) => self.borrowed_key(span, key, &given),
                    _ => None,
                };
                let key = self.of_members(members, &given);
                let key_of = Ident::new("key", Span::mixed_site());
                before.extend(quote! {
                    let #variable = #sources;
                    let #key_of = #key;
                    #borrowed
                });
                let made = range.arguments(quote!(#variable, #key_of));
                quote_spanned!(span=> #merge #made)
            }
        };
        SlotValue { before: Some(before), value: self.checked(slot, range, merged), range }
    }

    /// The sink that `members` form. `given` are its items.
    pub(super) fn sink_of_members(
        &self,
        slot: Slot,
        members: &Members,
        given: impl FnOnce(Span) -> TokenStream,
    ) -> SlotValue {
        let root = self.root;
        let range = members.range(self.names);
        let span = members.name.span();
        let handed_on = Ident::new("handed_on", Span::mixed_site());
        let (before, sinks) = self.members(Slot::OtherSink, &members.list, |_| handed_on.to_token_stream());
        let sinks = sinks.unwrap_or_else(|| are(self.root, "AreSinks", &members.list));
        let (variable, meeting) =
            (Ident::new("sinks_of_the_pipeline", span), Ident::new("meeting", Span::mixed_site()));
        let by = self.of_members(members, &quote!(#root::fit::members::taken(#meeting)));
        let routed_to = Ident::new("routed", Span::mixed_site());
        let routed = range.in_braces(range.path(self.root, &quote_spanned!(span=> fit::members), "routed"));
        let meets = range.arguments(quote_spanned!(span=> #handed_on, &#variable));
        let route = members.function(self.root, range);
        let made = range.arguments(quote!(#variable, #routed_to));
        // All in one expression, because the sinks may borrow temporaries until the end of the statement.
        let routed = quote! {
            match #sinks {
                #variable => {
                    let #meeting = #routed #meets;
                    #meeting.agree_or_not();
                    let #routed_to = #by;
                    let #routed_to = #route #made;
                    #routed_to
                }
            }
        };
        let given = given(span);
        let before = quote!(let #handed_on = #given; #before);
        SlotValue { before: Some(before), value: self.checked(slot, range, routed), range }
    }

    /// The lines before the members, and the members as an array of checked values. `None` if they are not written as
    /// an array.
    fn members(
        &self,
        slot: Slot,
        members: &TokenStream,
        given: impl Fn(Span) -> TokenStream,
    ) -> (TokenStream, Option<TokenStream>) {
        let Ok(Expr::Array(array)) = syn::parse2(members.clone()) else { return (TokenStream::new(), None) };
        if array.elems.is_empty() {
            return (TokenStream::new(), None);
        }
        let mut before = TokenStream::new();
        let mut made = Vec::new();
        for (index, member) in array.elems.iter().enumerate() {
            let name = format!("function_{index}_of_the_pipeline");
            let (attributes, member) = leading(&member.to_token_stream());
            let conditions = conditions(&attributes);
            let SlotValue { before: lines, value, range } = self.slot_value_by(&name, slot, &member, &given);
            before.extend(lines.map(|lines| each_under(&conditions, lines)));
            let value = if index == 0 { value } else { alike(self.root, slot, range, &value) };
            made.push(quote!(#conditions #value));
        }
        let mut made = Group::new(Delimiter::Bracket, quote!(#(#made),*));
        made.set_span(array.bracket_token.span.join());
        (before, Some(made.to_token_stream()))
    }

    /// The closure of `members`, called with the items `given` and checked by its rule.
    fn of_members(&self, members: &Members, given: &TokenStream) -> TokenStream {
        let root = self.root;
        let (calls, returns) = members.calls();
        let checked = Ident::new(calls.checked_by(), Span::call_site());
        match &members.closure {
            Closure::None => TokenStream::new(),
            Closure::Half(closure) => quote!(#root::__private::#checked(#given, #closure)),
            Closure::Whole(closure) => {
                let function = callable(self.root, closure);
                let rule = self.rule(members.name.span(), returns, closure);
                quote!(#root::__private::#checked(#given, #function, #rule))
            }
        }
    }
}

/// `statements`, each with `conditions` before it.
fn each_under(conditions: &TokenStream, statements: TokenStream) -> TokenStream {
    let mut all = TokenStream::new();
    let mut begins = true;
    for token in statements {
        if begins {
            all.extend(conditions.clone());
        }
        begins = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
        all.extend([token]);
    }
    all
}

/// `members`, checked by `rule`.
fn are(root: &Root, rule: &str, members: &TokenStream) -> TokenStream {
    let range = SpanRange::of(members);
    let rule = Ident::new(rule, range.first);
    let rule = range.in_braces(range.path(root, &quote_spanned!(range.first=> fit::#rule), "itself"));
    let members = range.arguments(members.clone());
    quote!(#rule #members)
}

/// `value`, checked by the rule that it has the type of the first member.
fn alike(root: &Root, slot: Slot, range: SpanRange, value: &TokenStream) -> TokenStream {
    let is_source = matches!(slot, Slot::Source);
    let span = range.first;
    let rule = Ident::new(if is_source { "AlikeSources" } else { "AlikeSinks" }, span);
    let fit = range.path(root, &quote_spanned!(span=> fit::#rule), "fit");
    let root = root.at(span);
    let values =
        range.arguments(quote_spanned!(span=> ::core::marker::PhantomData, #value, #root::fit::Joint));
    quote_spanned!(span=> #fit #values)
}
/// A closure that checks that the output of the second sink `sink` is not lost. Of a `route` it checks the members, so that the
/// compiler names their type.
pub(super) fn keeps_output(sink: &TokenStream, expansion: &Expansion<'_>) -> TokenStream {
    let members = Members::sinks(sink);
    let span =
        members.as_ref().map_or_else(|| first_span(sink), |members| members.range(expansion.names).first);
    let root = expansion.root.at(span);
    // The compiler reports a broken rule at this variable, so it has the span of the sink.
    let it = Ident::new("side_sink_of_the_pipeline", span);
    let output = binding("output", span);
    let checked = if members.is_none() {
        quote_spanned!(span=> #it, #output)
    } else {
        quote_spanned! {span=>
            #root::fit::members::each(#it), #root::fit::members::output_of_each(#output)
        }
    };
    closure(&quote!(#it, #output), &quote_spanned!(span=> #root::sink::SideSink::check(#checked)))
}

//! What `merge` makes of several sources, and `route` of several sinks.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Expr;

use super::ast::Arguments;
use super::call::Call;
use super::expand::Expansion;
use super::function::{held_against, keeping_to, of_any_item};
use super::place::Place;
use super::role::{Made, Role};
use crate::root::Root;

/// What `merge` or `route` is given.
pub(super) struct Several {
    name: Ident,
    members: TokenStream,
    closure: Closure,
}

/// The closure behind the members.
enum Closure {
    None,
    Whole(Box<Expr>),
    /// As it is being typed.
    Half(TokenStream),
}

impl Several {
    pub(super) fn of(name: &Ident, arguments: &Arguments) -> Option<Self> {
        let name = name.clone();
        match arguments {
            Arguments::Parsed(arguments) => {
                let mut values = arguments.iter().map(|argument| &argument.value);
                let members = values.next()?.to_token_stream();
                let closure =
                    values.next().map_or(Closure::None, |closure| Closure::Whole(Box::new(closure.clone())));
                Some(Self { name, members, closure })
            }
            Arguments::Unparsed(group, _) => {
                let is_comma =
                    |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
                let mut tokens = group.stream().into_iter();
                let members = tokens.by_ref().take_while(|token| !is_comma(token)).collect();
                // Behind `by:`, if that is there.
                let rest: Vec<_> = tokens.collect();
                let named = matches!(rest.as_slice(), [TokenTree::Ident(_), TokenTree::Punct(colon), ..] if colon.as_char() == ':');
                let closure = rest.into_iter().skip(if named { 2 } else { 0 }).collect();
                Some(Self { name, members, closure: Closure::Half(closure) })
            }
        }
    }

    /// Where what is wrong with the members is reported: at the first, where they are written one by one. `values` are names of
    /// the user's values.
    pub(super) fn place(&self, values: &[String]) -> Place {
        let first = match syn::parse2(self.members.clone()) {
            Ok(Expr::Array(array)) => array.elems.into_iter().next(),
            _ => None,
        };
        first.map_or_else(|| Place::of(&self.members), |first| Call::place(&first.to_token_stream(), values))
    }

    /// What `tokens` are, where a sink may be a `route`.
    pub(super) fn sinks(tokens: &TokenStream) -> Option<Self> {
        let Ok(Expr::Call(call)) = syn::parse2(tokens.clone()) else { return None };
        let Expr::Path(function) = &*call.func else { return None };
        let name = function.path.get_ident().filter(|name| *name == "route")?;
        let mut arguments = call.args.into_iter();
        let (members, closure) = (arguments.next()?, arguments.next()?);
        arguments.next().is_none().then(|| Self {
            name: name.clone(),
            members: members.to_token_stream(),
            closure: Closure::Whole(Box::new(closure)),
        })
    }
}

impl Expansion<'_> {
    /// The source that `merge` makes.
    pub(super) fn merge(&self, several: &Several) -> Made {
        let place = several.place(self.names);
        let span = several.name.span();
        let (said, sources) = self.members(Role::Source, &several.members, |_| TokenStream::new());
        let sources = sources.unwrap_or_else(|| are(self.root, "AreSources", &several.members));
        let merged = match &several.closure {
            Closure::None => {
                let (merge, sources) = (place.path_of(self.root, "merge"), place.arguments(sources));
                quote_spanned!(span=> #merge #sources)
            }
            closure => {
                let members = Ident::new("__sources", span);
                let merged = place.path(self.root, &quote_spanned!(span=> fit::members), "merged");
                let given = place.arguments(quote_spanned!(span=> &#members));
                let given = quote_spanned!(span=> #merged #given);
                let borrowed = match closure {
                    Closure::Whole(key) => self.borrowed_key(span, key, &given),
                    _ => None,
                };
                let key = self.of_members(&given, closure, |key| keeping_to(self.root, "IsOrdered", key));
                let made_of = Ident::new("merged", Span::mixed_site());
                let (merge, made) =
                    (place.path_of(self.root, "merge_by"), place.arguments(quote!(#members, #made_of)));
                quote! {
                    match #sources {
                        #members => {
                            let #made_of = #key;
                            #borrowed
                            let #made_of = #merge #made;
                            #made_of
                        }
                    }
                }
            }
        };
        Made { said: Some(said), value: self.itself(Role::Source, place, merged), place }
    }

    /// The sink that `route` makes. `given` is what it is given.
    pub(super) fn route(
        &self,
        role: Role,
        several: &Several,
        given: impl FnOnce(Span) -> TokenStream,
    ) -> Made {
        let place = several.place(self.names);
        let span = several.name.span();
        let root = self.root.at(span);
        let handed_on = Ident::new("handed_on", Span::mixed_site());
        let (said, sinks) = self.members(Role::OtherSink, &several.members, |_| handed_on.to_token_stream());
        let sinks = sinks.unwrap_or_else(|| are(self.root, "AreSinks", &several.members));
        let (members, meeting) = (Ident::new("__sinks", span), Ident::new("meeting", Span::mixed_site()));
        let taken = quote!(#meeting.taken());
        let by = self.of_members(&taken, &several.closure, |by| {
            held_against(self.root, "Names", by, &TokenStream::new())
        });
        let routed_to = Ident::new("routed", Span::mixed_site());
        let routed = place.path(self.root, &quote_spanned!(span=> fit::members), "routed");
        let meets = place.arguments(quote_spanned!(span=> #handed_on, &#members));
        let (route, made) =
            (place.path_of(self.root, "route"), place.arguments(quote!(#members, #routed_to)));
        // In one expression: what the sinks borrow may live as long as the statement.
        let routed = quote! {
            match #sinks {
                #members => {
                    #[allow(unused_imports)]
                    use #root::fit::calls::Disagree as _;
                    let #meeting = #routed #meets;
                    (&#meeting).agree();
                    let #routed_to = #by;
                    let #routed_to = #route #made;
                    #routed_to
                }
            }
        };
        let given = given(span);
        let said = quote!(let #handed_on = #given; #said);
        Made { said: Some(said), value: self.itself(role, place, routed), place }
    }

    /// What is said before the members are made, and they, each looked at for itself, where they are written one by one.
    fn members(
        &self,
        role: Role,
        members: &TokenStream,
        given: impl Fn(Span) -> TokenStream,
    ) -> (TokenStream, Option<TokenStream>) {
        let Ok(Expr::Array(array)) = syn::parse2(members.clone()) else { return (TokenStream::new(), None) };
        if array.elems.is_empty() {
            return (TokenStream::new(), None);
        }
        let mut said = TokenStream::new();
        let mut made = Vec::new();
        for (index, member) in array.elems.iter().enumerate() {
            let name = format!("__function_{index}");
            let Made { said: before, value, place } =
                self.part_by(&name, role, &member.to_token_stream(), &given);
            said.extend(before);
            made.push(if index == 0 { value } else { alike(self.root, role, place, &value) });
        }
        let mut made = Group::new(Delimiter::Bracket, quote!(#(#made),*));
        made.set_span(array.bracket_token.span.join());
        (said, Some(made.to_token_stream()))
    }

    /// `closure`, of what is `given`, and the `rule` that what it makes keeps to.
    fn of_members(
        &self,
        given: &TokenStream,
        closure: &Closure,
        rule: impl FnOnce(&Expr) -> TokenStream,
    ) -> TokenStream {
        let root = self.root;
        match closure {
            Closure::None => TokenStream::new(),
            Closure::Half(closure) => quote!(#root::__private::of_item_ref(#given, #closure)),
            Closure::Whole(closure) => {
                let (function, rule) = (of_any_item(self.root, closure), rule(closure));
                quote!(#root::__private::of_item_ref(#given, #function, #rule))
            }
        }
    }
}

/// `members`, held against `rule`.
fn are(root: &Root, rule: &str, members: &TokenStream) -> TokenStream {
    let place = Place::of(members);
    let rule = Ident::new(rule, place.first);
    let rule = place.path(root, &quote_spanned!(place.first=> fit::#rule), "itself");
    let members = place.arguments(members.clone());
    quote!(#rule #members)
}

/// `value`, held against the rule that it is of the type of the first.
fn alike(root: &Root, role: Role, place: Place, value: &TokenStream) -> TokenStream {
    let is_source = matches!(role, Role::Source);
    let span = place.first;
    let kept_to = Ident::new(if is_source { "AlikeSources" } else { "AlikeSinks" }, span);
    let fit = place.path(root, &quote_spanned!(span=> fit::#kept_to), "fit");
    let root = root.at(span);
    let values =
        place.arguments(quote_spanned!(span=> ::core::marker::PhantomData, #value, #root::fit::Joint));
    quote_spanned!(span=> #fit #values)
}

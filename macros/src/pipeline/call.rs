//! A stage or a sink that a function makes, out of a closure among other things: `keep(|n| n.is_even())`.
//!
//! The compiler reads the closure when the function is called, and then must know what it takes. So the function is named
//! first, and told what the pipeline hands on.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::expand::{Expansion, ends};
use super::several::Several;
use crate::root::Root;

/// `function(arguments)`
pub(super) struct Call {
    function: TokenStream,
    arguments: Group,
}

/// The most arguments of a function that is told what is known.
const MOST: usize = 4;

impl Call {
    /// Reads tokens that may be no Rust yet: what is still being typed stands where it will stand. `values` are names of
    /// the user's values, which may not be borrowed as the name of a function may.
    fn read(tokens: &TokenStream, values: &[String]) -> Option<Self> {
        let mut function: Vec<_> = tokens.clone().into_iter().collect();
        let Some(TokenTree::Group(arguments)) = function.pop() else { return None };
        let is_path = function.iter().all(|token| match token {
            TokenTree::Ident(_) => true,
            TokenTree::Punct(punct) => matches!(punct.as_char(), ':' | '<' | '>' | ','),
            _ => false,
        });
        let is_called = arguments.delimiter() == Delimiter::Parenthesis && !function.is_empty() && is_path;
        (is_called && !is_a_value(&function, values))
            .then(|| Self { function: function.into_iter().collect(), arguments })
    }

    /// Where what is wrong with what `tokens` make is reported: at the function that they call, or else at all of them.
    pub(super) fn place(tokens: &TokenStream, values: &[String]) -> Place {
        Self::read(tokens, values).map_or_else(|| Place::of(tokens), |call| Place::of(&call.function))
    }

    /// Whether a closure among the arguments leaves open what it takes.
    fn is_open(&self) -> bool {
        has_open_closure(self.arguments.stream())
    }

    /// How many arguments there are, as far as can be told.
    fn count(&self) -> usize {
        let parser = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        let arguments = syn::parse::Parser::parse2(parser, self.arguments.stream());
        arguments.map_or(1, |arguments| arguments.len())
    }
}

/// Whether `function` is the name of a value, or of a tuple.
fn is_a_value(function: &[TokenTree], values: &[String]) -> bool {
    let last = function.iter().rev().find_map(|token| match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    });
    last.is_none_or(|last| values.contains(&last) || !last.contains(char::is_lowercase))
}

/// Whether a closure among `arguments` leaves open what it takes.
fn has_open_closure(arguments: TokenStream) -> bool {
    let is = |token: &TokenTree, wanted: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted);
    let mut tokens = arguments.into_iter();
    let mut begins = true;
    while let Some(token) = tokens.next() {
        if begins && is(&token, '|') {
            let parameters: Vec<_> = tokens.by_ref().take_while(|token| !is(token, '|')).collect();
            let mut parameters = parameters.split(|token| is(token, ','));
            if parameters
                .any(|parameter| !parameter.is_empty() && !parameter.iter().any(|token| is(token, ':')))
            {
                return true;
            }
        }
        begins = is(&token, ',') || matches!(&token, TokenTree::Ident(word) if word == "move");
    }
    false
}

/// What a piece of a pipeline, or an argument of an operator or a policy, is to be.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Source,
    Stage,
    Sink,
    /// The sink of a `tee` or a `dead_letter`.
    OtherSink,
    CommittingSink,
}

impl Role {
    /// The rule that it keeps to.
    fn rule(self) -> &'static str {
        match self {
            Self::Source => "IsSource",
            Self::Stage => "IsStage",
            Self::Sink => "IsSink",
            Self::OtherSink => "IsOtherSink",
            Self::CommittingSink => "IsCommitting",
        }
    }

    /// The trait by which what keeps to it is given back.
    fn known(self) -> &'static str {
        match self {
            Self::Source => "Begins",
            Self::Stage => "Stands",
            Self::Sink | Self::OtherSink => "Ends",
            Self::CommittingSink => "Commits",
        }
    }

    /// The trait of functions that make it out of so many arguments, where they may be told what it will be given.
    fn made_of(self, arguments: usize) -> Option<String> {
        match self {
            Self::Source => None,
            Self::Stage => Some(format!("MakesStage{arguments}")),
            Self::Sink | Self::OtherSink | Self::CommittingSink => Some(format!("MakesSink{arguments}")),
        }
    }
}

/// A source, a stage or a sink, and where the compiler is to report what is wrong with it.
pub(super) struct Made {
    /// What is said before it is made.
    pub(super) said: Option<TokenStream>,
    pub(super) value: TokenStream,
    pub(super) place: Place,
}

/// From the first to the last token of something.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) first: Span,
    last: Span,
}

impl Place {
    pub(super) fn of(tokens: &TokenStream) -> Self {
        let (first, last) = ends(tokens);
        Self { first, last }
    }

    /// The path of `name`, in `module` of the crate, as an expression that is there. In braces it is a function like any
    /// other: the compiler does not look for what is wrong among the arguments that it is called with.
    pub(super) fn path(self, root: &Root, module: &TokenStream, name: &str) -> TokenStream {
        let Self { first, last } = self;
        let (root, name) = (root.at(first), Ident::new(name, last));
        quote_spanned!(first=> { #root::#module::#name })
    }

    /// As [`path`](Self::path), of what is at the root of the crate.
    pub(super) fn path_of(self, root: &Root, name: &str) -> TokenStream {
        let Self { first, last } = self;
        let (root, name) = (root.at(first), Ident::new(name, last));
        quote_spanned!(first=> { #root::#name })
    }

    /// `arguments` in parentheses, where it ends: what is called with them is there, and nowhere else.
    pub(super) fn arguments(self, arguments: TokenStream) -> Group {
        let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
        arguments.set_span(self.last);
        arguments
    }
}

impl Expansion<'_> {
    /// `part`, if it is what its `role` says, or something of a type that nobody knows. `given` is what it will be given.
    ///
    /// Where it is a function that is called, all that can be wrong with what that makes is reported at the function's
    /// name. There the compiler reports what the function asks of its arguments too, and so says once what is one mistake.
    pub(super) fn part(
        &self,
        role: Role,
        part: &TokenStream,
        given: impl FnOnce(Span) -> TokenStream,
    ) -> Made {
        match role {
            Role::Sink | Role::OtherSink | Role::CommittingSink if let Some(sinks) = Several::sinks(part) => {
                self.route(role, &sinks, given)
            }
            _ => self.part_by("__function", role, part, given),
        }
    }

    /// As [`part`](Self::part), for what is no `route`. `name` is that of a variable for a function.
    pub(super) fn part_by(
        &self,
        name: &str,
        role: Role,
        part: &TokenStream,
        given: impl FnOnce(Span) -> TokenStream,
    ) -> Made {
        let Some(call) = Call::read(part, self.names) else {
            let place = Place::of(part);
            return Made { said: None, value: self.itself(role, place, part.clone()), place };
        };
        let Call { function: named, arguments } = &call;
        let place = Place::of(named);
        let Place { first, last } = place;
        // Not hygienic, since the compiler takes a place that is for another. By `&mut`, through which the compiler sees the
        // types that the function leaves open as one with those that are found out; a plain variable has types of its own,
        // of which less is known.
        let (function, called) = (Ident::new(name, first), Ident::new(name, last));
        let mut said = quote_spanned!(first=> let #function = &mut #named;);
        let makes = role.made_of(call.count()).filter(|_| call.is_open() && call.count() <= MOST);
        said.extend(makes.map(|makes| self.meet(&function, place, &makes, call.count(), &given(first))));
        let arguments = place.arguments(arguments.stream());
        let made = quote_spanned!(first=> (*#called) #arguments);
        Made { said: Some(said), value: self.itself(role, place, made), place }
    }

    /// Tells `function`, of so many arguments, what is `given` to what it makes.
    fn meet(
        &self,
        function: &Ident,
        place: Place,
        makes: &str,
        arguments: usize,
        given: &TokenStream,
    ) -> TokenStream {
        let Place { first, last } = place;
        let root = self.root.at(first);
        let meeting = Ident::new("meeting", Span::mixed_site().located_at(first));
        let (makes, with) = (Ident::new(makes, first), Ident::new(&format!("with_{arguments}"), last));
        let called = place.path(self.root, &quote_spanned!(first=> fit::calls), "called");
        let (function, none) =
            (place.arguments(quote!(#given, #function)), place.arguments(TokenStream::new()));
        quote_spanned! {first=>
            {
                #[allow(unused_imports)]
                use #root::fit::calls::{Disagree as _, MakesNothing as _, #makes as _};
                let #meeting = (&#called #function).#with #none;
                (&#meeting).agree();
            }
        }
    }

    /// `part`, held against the rule of its `role`.
    pub(super) fn itself(&self, role: Role, place: Place, part: TokenStream) -> TokenStream {
        let first = place.first;
        let kept_to = Ident::new(role.rule(), first);
        let itself = place.path(self.root, &quote_spanned!(first=> fit::#kept_to), "itself");
        let part = place.arguments(part);
        self.if_known(role.known(), place, &quote_spanned!(first=> #itself #part))
    }

    /// `value`, if it is what the trait `known` says, or something of a type that nobody knows.
    pub(super) fn if_known(&self, known: &str, place: Place, value: &TokenStream) -> TokenStream {
        let Place { first, last } = place;
        let root = self.root.at(first);
        let (known, itself) = (Ident::new(known, first), Ident::new("itself", last));
        let seen = Ident::new("__seen", first);
        let mut zero = Literal::usize_unsuffixed(0);
        zero.set_span(last);
        // An argument is a place too.
        let there = place.arguments(quote_spanned!(first=> #root::fit::parts::There(#seen).#zero));
        let known = quote_spanned! {first=>
            |#seen| {
                #[allow(unused_imports)]
                use #root::fit::parts::{#known as _, Unknown as _};
                (&#root::fit::parts::seen(&#seen)).#itself #there
            }
        };
        // In one expression: what `value` borrows may live as long as the statement.
        let known = place.arguments(quote_spanned!(first=> #value, #known));
        quote_spanned!(first=> #root::fit::parts::known #known)
    }
}

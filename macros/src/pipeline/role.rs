//! A source, a stage or a sink, held against the rule that it is one.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote_spanned;

use super::call::Call;
use super::expand::Expansion;
use super::place::Place;
use super::several::Several;

/// What a piece of a pipeline, or an argument of an operator or a policy, is to be.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Source,
    Stage,
    Sink,
    /// The sink of a `tee` or a `dead_letter`, or one of a `route`.
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
    pub(super) fn made_of(self, arguments: usize) -> Option<String> {
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
        let (said, place, made) = match Call::read(part, self.names) {
            None => (None, Place::of(part), part.clone()),
            Some(call) => {
                let (said, made) = self.called(name, role, &call, given);
                (Some(said), call.place_of_function(), made)
            }
        };
        Made { said, value: self.itself(role, place, made), place }
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

//! A source, a stage or a sink, held against the rule that it is one.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use super::constructor::Call;
use super::expand::Expansion;
use super::members::Members;
use super::span_range::SpanRange;

/// What a piece of a pipeline, or an argument of an operator or a policy, is to be.
#[derive(Clone, Copy)]
pub(super) enum Slot {
    Source,
    Stage,
    Sink,
    /// The sink of a `tee` or a `dead_letter`, or one of a `route`.
    OtherSink,
    CommittingSink,
    /// The policy of an `on_error with`.
    Policy,
}

impl Slot {
    /// The rule that it keeps to.
    fn rule(self) -> &'static str {
        match self {
            Self::Source => "IsSource",
            Self::Stage => "IsStage",
            Self::Sink => "IsSink",
            Self::OtherSink => "IsOtherSink",
            Self::CommittingSink => "IsCommitting",
            Self::Policy => "IsPolicy",
        }
    }

    /// The method that gives back what keeps to the rule.
    fn known(self) -> &'static str {
        match self {
            Self::Source => "source_or_unknown",
            Self::Stage => "stage_or_unknown",
            Self::Sink | Self::OtherSink => "sink_or_unknown",
            Self::CommittingSink => "committing_sink_or_unknown",
            Self::Policy => "policy_or_unknown",
        }
    }

    /// The beginning of the methods by which a function that makes it is told what it will be given.
    pub(super) fn made_of(self) -> Option<&'static str> {
        match self {
            Self::Source => None,
            Self::Stage => Some("stage_of"),
            Self::Sink | Self::OtherSink | Self::CommittingSink => Some("sink_of"),
            Self::Policy => Some("policy_of"),
        }
    }
}

/// A source, a stage or a sink, and where the compiler is to report what is wrong with it.
pub(super) struct Made {
    /// What is said before it is made.
    pub(super) said: Option<TokenStream>,
    pub(super) value: TokenStream,
    pub(super) range: SpanRange,
}

impl Expansion<'_> {
    /// `part`, if it is what its `role` says, or something of a type that nobody knows. `given` is what it will be given.
    ///
    /// Where it is a function that is called, all that can be wrong with what that makes is reported at the function's
    /// name. There the compiler reports what the function asks of its arguments too, and so says once what is one mistake.
    pub(super) fn part(
        &self,
        slot: Slot,
        part: &TokenStream,
        given: impl FnOnce(Span) -> TokenStream,
    ) -> Made {
        match slot {
            Slot::Sink | Slot::OtherSink | Slot::CommittingSink if let Some(sinks) = Members::sinks(part) => {
                self.route(slot, &sinks, given)
            }
            _ => self.part_by("__function", slot, part, given),
        }
    }

    /// As [`part`](Self::part), for what is no `route`. `name` is that of a variable for a function.
    pub(super) fn part_by(
        &self,
        name: &str,
        slot: Slot,
        part: &TokenStream,
        given: impl FnOnce(Span) -> TokenStream,
    ) -> Made {
        let (said, range, made) = match Call::read(part, self.names) {
            None => (None, SpanRange::of(part), part.clone()),
            Some(call) => {
                let (said, made) = self.called(name, slot, &call, given);
                (Some(said), call.range_of_function(), made)
            }
        };
        Made { said, value: self.checked(slot, range, made), range }
    }

    /// `part`, held against the rule of its `slot`.
    pub(super) fn checked(&self, slot: Slot, range: SpanRange, part: TokenStream) -> TokenStream {
        let SpanRange { first, last } = range;
        let rule = Ident::new(slot.rule(), first);
        let check = range.in_braces(range.path(self.root, &quote_spanned!(first=> fit::#rule), "check"));
        let (part, none) = (range.arguments(part), range.arguments(TokenStream::new()));
        let known = Ident::new(slot.known(), last);
        quote_spanned!(first=> #check #part.#known #none)
    }
}

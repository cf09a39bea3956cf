//! The slots of a pipeline (source, stage, sink, policy), and the check of the value in one.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;

use super::expansion::Expansion;
use super::span_range::SpanRange;

/// A place for a value in a pipeline, an operator or a policy.
#[derive(Clone, Copy)]
pub(super) enum Slot {
    Source,
    /// The second source of a `zip` or a `merge_join`.
    OtherSource,
    Stage,
    Sink,
    /// The sink of a `tee` or a `dead_letter`, or one of a `route`.
    OtherSink,
    CommittingSink,
    /// The policy of an `on_error with`.
    Policy,
}

impl Slot {
    /// The rule for the value.
    fn rule(self) -> &'static str {
        match self {
            Self::Source => "IsSource",
            Self::OtherSource => "IsOtherSource",
            Self::Stage => "IsStage",
            Self::Sink => "IsSink",
            Self::OtherSink => "IsOtherSink",
            Self::CommittingSink => "IsCommitting",
            Self::Policy => "IsPolicy",
        }
    }

    /// The method that returns the checked value.
    fn known(self) -> &'static str {
        match self {
            Self::Source | Self::OtherSource => "source_or_unknown",
            Self::Stage => "stage_or_unknown",
            Self::Sink | Self::OtherSink => "sink_or_unknown",
            Self::CommittingSink => "committing_sink_or_unknown",
            Self::Policy => "policy_or_unknown",
        }
    }

    /// The prefix of the names of the methods that infer the items of the value that a function makes.
    pub(super) fn made_of(self) -> Option<&'static str> {
        match self {
            Self::Source | Self::OtherSource => None,
            Self::Stage => Some("stage_of"),
            Self::Sink | Self::OtherSink | Self::CommittingSink => Some("sink_of"),
            Self::Policy => Some("policy_of"),
        }
    }
}

/// A checked value, and the range for its errors.
pub(super) struct SlotValue {
    /// The lines before the value.
    pub(super) before: Option<TokenStream>,
    pub(super) value: TokenStream,
    pub(super) range: SpanRange,
}

impl Expansion<'_> {
    /// The value `part`, checked by the rule of its `slot`.
    pub(super) fn checked(&self, slot: Slot, range: SpanRange, part: TokenStream) -> TokenStream {
        let SpanRange { first, last } = range;
        let rule = Ident::new(slot.rule(), first);
        let check = range.in_braces(range.path(self.root, &quote_spanned!(first=> fit::#rule), "check"));
        let (part, none) = (range.arguments(part), range.arguments(TokenStream::new()));
        let known = Ident::new(slot.known(), last);
        quote_spanned!(first=> #check #part.#known #none)
    }
}

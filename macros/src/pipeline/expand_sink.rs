//! The expansion of the operators that are sinks: `count`, `sum`, `fold` and `collect`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Expr, ReturnType};

use super::argument::{Arguments, bind, names};
use super::ast::{Piece, PieceKind};
use super::closures::{callable, result_type_rule};
use super::expand::declared_output;
use super::expansion::Expansion;
use super::operator::{Kind, Operator, Position, Returns};
use super::slot::{Slot, SlotValue};
use super::span_range::SpanRange;

impl Expansion<'_> {
    /// The sink of `piece`, if it is one of these operators.
    pub(super) fn sink_of_operator(
        &self,
        slot: Slot,
        piece: &Piece,
        output: &ReturnType,
    ) -> Option<SlotValue> {
        match &piece.kind {
            PieceKind::Operator(name, operator, arguments)
                if operator.position == Position::Sink && !operator.has_members() =>
            {
                Some(self.operator_as_sink(slot, name, operator, arguments, output))
            }
            _ => None,
        }
    }

    fn operator_as_sink(
        &self,
        slot: Slot,
        name: &Ident,
        operator: &Operator,
        arguments: &Arguments,
        output: &ReturnType,
    ) -> SlotValue {
        let span = name.span();
        let range = SpanRange::of(&name.to_token_stream());
        let given = self.handed_on(span);
        let values = match arguments {
            // An editor that completes the closure finds it in its place.
            Arguments::Unparsed(group, _) => group.stream(),
            Arguments::Parsed(arguments) => {
                let form = operator.form(&names(arguments));
                let bound = form.into_iter().flat_map(|form| bind(form, arguments));
                let values = bound.filter_map(|(parameter, argument)| {
                    let value = &argument?.value;
                    Some(match parameter.kind {
                        Kind::Closure(_, Returns::Matching(rule)) => self.compared(rule, value),
                        _ => value.to_token_stream(),
                    })
                });
                quote!(#(#values),*)
            }
        };
        let declared = operator.makes_declared.then(|| {
            let declared = declared_output(output);
            quote_spanned!(span=> ::core::marker::PhantomData::<#declared>)
        });
        let function =
            range.in_braces(range.path(self.root, &quote_spanned!(span=> fit::sinks), operator.name));
        let handed_on = Ident::new("handed_on", Span::mixed_site());
        let arguments = range.arguments(quote!(#handed_on, #values #declared));
        let sink = quote_spanned!(span=> #function #arguments);
        let before = Some(quote!(let #handed_on = #given;));
        SlotValue { before, value: self.checked(slot, range, sink), range }
    }

    /// A closure, and the rule that compares its result with another type.
    fn compared(&self, rule: &str, value: &Expr) -> TokenStream {
        let function = match value {
            // A function with two parameters is passed unchanged.
            Expr::Path(function) => function.to_token_stream(),
            function => callable(self.root, function),
        };
        let rule = result_type_rule(self.root, rule, value);
        quote!(#function, #rule)
    }
}

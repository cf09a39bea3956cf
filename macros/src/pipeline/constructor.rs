//! A source, a stage or a sink that a function makes: `from_iter(notes)`, `keep(|note| note.is_long())`.
//!
//! The function is named first, and called then. So what it asks of its arguments, and what is wrong with what it makes of
//! them, is reported at one range. And where there is a closure among the arguments, which the compiler reads when the
//! function is called, the function is told before what the pipeline hands on.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::expand::Expansion;
use super::slot::Slot;
use super::span_range::SpanRange;

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
    pub(super) fn read(tokens: &TokenStream, values: &[String]) -> Option<Self> {
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
    pub(super) fn range(tokens: &TokenStream, values: &[String]) -> SpanRange {
        Self::read(tokens, values).map_or_else(|| SpanRange::of(tokens), |call| SpanRange::of(&call.function))
    }

    pub(super) fn range_of_function(&self) -> SpanRange {
        SpanRange::of(&self.function)
    }

    /// The call, its function in braces.
    pub(super) fn in_braces(&self) -> TokenStream {
        let range = self.range_of_function();
        let function = range.in_braces(self.function.clone());
        let arguments = range.arguments(self.arguments.stream());
        quote_spanned!(range.first=> #function #arguments)
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

impl Expansion<'_> {
    /// What is said before the function of `call` is called, and how it is called then. `name` is that of a variable for it,
    /// and `given` is what the stage or sink that it makes will be given.
    pub(super) fn called(
        &self,
        name: &str,
        slot: Slot,
        call: &Call,
        given: impl FnOnce(Span) -> TokenStream,
    ) -> (TokenStream, TokenStream) {
        let Call { function: named, arguments } = call;
        let range = call.range_of_function();
        let SpanRange { first, last } = range;
        // Not hygienic, since the compiler takes a place that is for another. By `&mut`, through which the compiler sees the
        // types that the function leaves open as one with those that are found out; a plain variable has types of its own,
        // of which less is known.
        let (function, called) = (Ident::new(name, first), Ident::new(name, last));
        let makes = slot.made_of().filter(|_| call.is_open() && call.count() <= MOST);
        let Some(makes) = makes else { return (TokenStream::new(), call.in_braces()) };
        let arguments = range.arguments(arguments.stream());
        let meet = self.meet(&function, range, makes, call.count(), &given(first));
        let said = quote_spanned!(first=> let #function = &mut #named; #meet);
        (said, quote_spanned!(first=> (*#called) #arguments))
    }

    /// Tells `function`, of so many arguments, what is `given` to what it makes.
    fn meet(
        &self,
        function: &Ident,
        range: SpanRange,
        makes: &str,
        arguments: usize,
        given: &TokenStream,
    ) -> TokenStream {
        let SpanRange { first, last } = range;
        let with = Ident::new(&format!("{makes}_{arguments}"), last);
        let called = range.path(self.root, &quote_spanned!(first=> fit::calls), "called");
        let (function, none) =
            (range.arguments(quote!(#given, #function)), range.arguments(TokenStream::new()));
        quote_spanned!(first=> (#called #function).#with #none.agree #none;)
    }
}

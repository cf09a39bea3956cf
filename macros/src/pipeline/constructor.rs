//! A call that makes a source, a stage, a sink or a policy: `from_iter(notes)`, `keep(|note| note.is_long())`.
//!
//! The function is put in braces, so that the compiler reports its bounds and the errors of its result at one place,
//! its name. The compiler reads the closures among the arguments during the call. If one has no types, the function is
//! put in a variable, and the types of its items are inferred from the pipeline before the call.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::expand::Expansion;
use super::slot::Slot;
use super::span_range::SpanRange;

/// The call `function(arguments)`.
pub(super) struct Call {
    function: TokenStream,
    arguments: Group,
}

/// The highest number of arguments of a function whose items are inferred before the call.
const MOST: usize = 4;

impl Call {
    /// Reads a call from tokens that may be incomplete Rust. `None` if they do not call a path, or call a variable of
    /// the user, whose names are `values`.
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

    /// The range for errors in the value of `tokens`: the name of the function that they call, or all of them.
    pub(super) fn range(tokens: &TokenStream, values: &[String]) -> SpanRange {
        Self::read(tokens, values).map_or_else(|| SpanRange::of(tokens), |call| SpanRange::of(&call.function))
    }

    pub(super) fn range_of_function(&self) -> SpanRange {
        SpanRange::of(&self.function)
    }

    /// The call, with its function in braces.
    pub(super) fn in_braces(&self) -> TokenStream {
        let range = self.range_of_function();
        let function = range.in_braces(self.function.clone());
        let arguments = range.arguments(self.arguments.stream());
        quote_spanned!(range.first=> #function #arguments)
    }

    /// True if an argument is a closure with a parameter without a type.
    fn is_open(&self) -> bool {
        has_open_closure(self.arguments.stream())
    }

    /// The number of arguments, or 1 if they are not complete Rust.
    fn count(&self) -> usize {
        let parser = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        let arguments = syn::parse::Parser::parse2(parser, self.arguments.stream());
        arguments.map_or(1, |arguments| arguments.len())
    }
}

/// True if `function` is the name of a variable, or of a tuple struct.
fn is_a_value(function: &[TokenTree], values: &[String]) -> bool {
    let last = function.iter().rev().find_map(|token| match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    });
    last.is_none_or(|last| values.contains(&last) || !last.contains(char::is_lowercase))
}

/// True if one of `arguments` is a closure with a parameter without a type.
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
    /// The statements before `call`, and the call itself. `name` is the name of the variable for the function. `given`
    /// are the items that the stage, sink or policy will receive.
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
        // The name is not hygienic, because the compiler takes two hygienic spans for two places. The variable is a
        // `&mut`, because the compiler infers the open types of a function through a reference, but not those of a
        // copy.
        let (function, called) = (Ident::new(name, first), Ident::new(name, last));
        let makes = slot.made_of().filter(|_| call.is_open() && call.count() <= MOST);
        let Some(makes) = makes else { return (TokenStream::new(), call.in_braces()) };
        let arguments = range.arguments(arguments.stream());
        let meet = self.meet(&function, range, makes, call.count(), &given(first));
        let before = quote_spanned!(first=> let #function = &mut #named; #meet);
        (before, quote_spanned!(first=> (*#called) #arguments))
    }

    /// The statement that infers the items of the value that `function` makes from `given`. `function` has `count`
    /// parameters.
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

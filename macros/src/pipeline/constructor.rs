//! A call that makes a source, a stage, a sink or a policy: `from_iter(notes)`, `keep(|note| note.is_long())`.
//!
//! The function is put in braces, so that the compiler reports its bounds and the errors of its result at one place,
//! its name. The compiler reads the closures among the arguments during the call. If one has no types, the function is
//! put in a variable, and the types of its items are inferred from the pipeline before the call.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::expansion::Expansion;
use super::slot::{Slot, SlotValue};
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

/// True if the last name of the path `function` is a variable of the user, or has no lowercase letter, as the name of a
/// constant. The arguments of its generics do not count.
fn is_a_value(function: &[TokenTree], values: &[String]) -> bool {
    let mut generics = Generics::default();
    let mut last = None;
    for token in function {
        generics.enter(token);
        if let TokenTree::Ident(name) = token
            && generics.are_closed()
        {
            last = Some(name.to_string());
        }
    }
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
            let mut generics = Generics::default();
            let mut parameters = parameters.split(|token| {
                generics.enter(token);
                generics.are_closed() && is(token, ',')
            });
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

/// The angle brackets that are open at a token.
#[derive(Default)]
struct Generics {
    open: usize,
    /// True behind a `-`, which makes an arrow of the next `>`.
    is_behind_minus: bool,
}

impl Generics {
    /// Counts `token`, the next one.
    fn enter(&mut self, token: &TokenTree) {
        let punct = match token {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
        match punct {
            '<' => self.open += 1,
            '>' if !self.is_behind_minus => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        self.is_behind_minus = punct == '-';
    }

    fn are_closed(&self) -> bool {
        self.open == 0
    }
}

impl Expansion<'_> {
    /// The value `part` without members, checked for its `slot`. `given` are the items that it will receive, and `name`
    /// is the name of the variable for a function.
    ///
    /// If it is a call, all errors of the value are reported at the name of the function. The compiler reports the
    /// bounds of the function there as well, and if several errors have the same cause at one place, it shows one of
    /// them.
    pub(super) fn slot_value_by(
        &self,
        name: &str,
        slot: Slot,
        part: &TokenStream,
        given: impl FnOnce(Span) -> TokenStream,
    ) -> SlotValue {
        let (before, range, made) = match Call::read(part, self.names) {
            None => (None, SpanRange::of(part), part.clone()),
            Some(call) => {
                let (before, made) = self.called(name, slot, &call, given);
                (Some(before), call.range_of_function(), made)
            }
        };
        SlotValue { before, value: self.checked(slot, range, made), range }
    }

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

    /// The statement that infers the items of the value that `function` makes from `given`. `function` has this
    /// number of `arguments`.
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
        quote_spanned!(first=> (#called #function).#with #none.agree_or_not #none;)
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::Call;

    #[test]
    fn a_function_is_judged_by_its_own_name() {
        let values = ["limit".to_owned()];
        let is_call = |tokens| Call::read(&tokens, &values).is_some();
        assert!(is_call(quote!(keep(1))));
        assert!(is_call(quote!(keep::<T>(1))));
        assert!(is_call(quote!(Keep::<Map<K, limit>>::new(1))));
        assert!(!is_call(quote!(limit(1))));
        assert!(!is_call(quote!(limit::<u8>(1))));
        assert!(!is_call(quote!(LIMIT(1))));
    }

    #[test]
    fn a_closure_is_open_if_a_parameter_has_no_type() {
        let is_open = |tokens| Call::read(&tokens, &[]).expect("it is a call").is_open();
        assert!(is_open(quote!(keep(1, move |a: u8, b| a))));
        assert!(is_open(quote!(keep(|a: Map<K, V>, b| a))));
        assert!(!is_open(quote!(keep(|a: Map<K, V>| a))));
        assert!(!is_open(quote!(keep(|a: Box<dyn Fn(K) -> V>, b: Map<K, V>| a))));
        assert!(!is_open(quote!(keep(|| 1))));
    }
}

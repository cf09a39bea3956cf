//! A stage or a sink that a function makes, out of a closure among other things: `keep(|n| n.is_even())`.
//!
//! The compiler reads the closure when the function is called, and then must know what it takes. So the function is named
//! first, and told what the pipeline hands on.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};

use super::expand::{Expansion, first_span};

/// `function(arguments)`
pub(super) struct Call {
    function: TokenStream,
    arguments: Group,
}

/// The most arguments of a function that is told what is known.
const MOST: usize = 4;

impl Call {
    /// Reads tokens that may be no Rust yet: what is still being typed stands where it will stand.
    pub(super) fn read(tokens: &TokenStream) -> Option<Self> {
        let mut function: Vec<_> = tokens.clone().into_iter().collect();
        let Some(TokenTree::Group(arguments)) = function.pop() else { return None };
        let is_path = function.iter().all(|token| match token {
            TokenTree::Ident(_) => true,
            TokenTree::Punct(punct) => matches!(punct.as_char(), ':' | '<' | '>' | ','),
            _ => false,
        });
        let is_called = arguments.delimiter() == Delimiter::Parenthesis && !function.is_empty() && is_path;
        (is_called && has_open_closure(arguments.stream()))
            .then(|| Self { function: function.into_iter().collect(), arguments })
    }

    /// How many arguments there are, as far as can be told.
    fn count(&self) -> usize {
        let parser = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        let arguments = syn::parse::Parser::parse2(parser, self.arguments.stream());
        arguments.map_or(1, |arguments| arguments.len())
    }
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
    /// What is said before `part` is made, and how it is made then. `given` is what it will be given.
    pub(super) fn called(
        &self,
        part: &TokenStream,
        makes: &str,
        given: &TokenStream,
    ) -> (Option<TokenStream>, TokenStream) {
        let call = Call::read(part).filter(|call| call.count() <= MOST && !self.is_a_value(&call.function));
        let Some(call) = call else { return (None, part.clone()) };
        let span = first_span(part);
        let root = self.root.at(span);
        let own = |name| Ident::new(name, Span::mixed_site().located_at(span));
        let (function, meeting) = (own("function"), own("meeting"));
        let count = call.count();
        let (makes, with) =
            (Ident::new(&format!("{makes}{count}"), span), Ident::new(&format!("with_{count}"), span));
        let Call { function: named, arguments } = call;
        // By `&mut`, through which the compiler sees the types that the function leaves open as one with those that are
        // found out; a plain variable has types of its own, of which less is known.
        let first = quote_spanned! {Span::mixed_site().located_at(span)=>
            let #function = &mut #named;
            {
                #[allow(unused_imports)]
                use #root::__private::{Disagree as _, MakesNothing as _, #makes as _};
                let #meeting = (&#root::__private::called(#given, #function)).#with();
                (&#meeting).agree();
            }
        };
        let mut made = function.to_token_stream();
        made.extend([TokenTree::Group(arguments)]);
        (Some(first), made)
    }

    /// As [`called`](Self::called), as one expression.
    pub(super) fn called_sink(&self, sink: &TokenStream, given: &TokenStream) -> TokenStream {
        match self.called(sink, "MakesSink", given) {
            (None, sink) => sink,
            (Some(first), sink) => quote!({ #first #sink }),
        }
    }

    /// Whether `function` is a value of the user's, which may not be borrowed as the name of a function may.
    fn is_a_value(&self, function: &TokenStream) -> bool {
        let last = function.clone().into_iter().filter_map(|token| match token {
            TokenTree::Ident(ident) => Some(ident.to_string()),
            _ => None,
        });
        last.last().is_none_or(|last| self.names.contains(&last) || !last.contains(char::is_lowercase))
    }
}

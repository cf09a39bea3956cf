//! The path at which generated code finds this library's items.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Path, Token};

/// The path that prefixes every item in generated code: `::syncline`, or that of `#[syncable(crate = ..)]`. Its module
/// `__private` holds the items for generated code alone.
pub(crate) struct Root(Path);

impl Default for Root {
    fn default() -> Self {
        Self(syn::parse_quote!(::syncline))
    }
}

impl Root {
    pub(crate) fn new(path: Path) -> Self {
        Self(path)
    }

    /// Parses `#![syncline(crate = path)]` at the start of `input`. Without that attribute the root is the default.
    pub(crate) fn parse_inner(input: ParseStream) -> syn::Result<Self> {
        if !(input.peek(Token![#]) && input.peek2(Token![!])) {
            return Ok(Self::default());
        }
        input.parse::<Token![#]>()?;
        input.parse::<Token![!]>()?;
        let attribute;
        syn::bracketed!(attribute in input);
        let name: syn::Ident = attribute.parse()?;
        if name != "syncline" {
            return Err(syn::Error::new_spanned(name, "only `#![syncline(crate = ..)]` may stand here"));
        }
        let arguments;
        syn::parenthesized!(arguments in attribute);
        arguments.parse::<Token![crate]>()?;
        arguments.parse::<Token![=]>()?;
        Path::parse_mod_style(&arguments).map(Self)
    }

    /// The path with every token at `span`, so that the compiler reports an error in a call through it at `span`.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        let at_span = |mut token: TokenTree| {
            token.set_span(span);
            token
        };
        self.to_token_stream().into_iter().map(at_span).collect()
    }
}

impl ToTokens for Root {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

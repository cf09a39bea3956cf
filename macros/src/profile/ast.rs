//! The parsed declaration of a profile: `/// docs  pub Notes = "notes" { Note, Notebook }`, with options in parentheses before
//! the braces (`options.rs`).

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, LitStr, Path, Token, Visibility};

use super::options::Options;
use crate::attributes::is_doc;
use crate::errors::Errors;
use crate::root::Root;

/// The declaration of a profile.
pub(super) struct Declaration {
    pub(super) root: Root,
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) ident: Ident,
    pub(super) name: LitStr,
    pub(super) options: Options,
    pub(super) models: Vec<Listed>,
    /// The mistakes between the braces.
    pub(super) errors: Errors,
}

/// A model of the list.
pub(super) struct Listed {
    pub(super) condition: Option<Condition>,
    pub(super) path: Path,
}

/// The predicate of the `#[cfg(..)]` under which a model is listed.
pub(super) struct Condition(pub(super) TokenStream);

impl Condition {
    /// The condition that all `attributes` state. `None` if there are none.
    fn of(attributes: &[Attribute]) -> syn::Result<Option<Self>> {
        let predicates =
            attributes.iter().map(|attribute| attribute.meta.require_list().map(|list| &list.tokens));
        let predicates = predicates.collect::<syn::Result<Vec<_>>>()?;
        Ok(match predicates.as_slice() {
            [] => None,
            [only] => Some(Self((*only).clone())),
            several => Some(Self(quote!(all(#(#several),*)))),
        })
    }
}

impl ToTokens for Condition {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let predicate = &self.0;
        tokens.extend(quote!(#[cfg(#predicate)]));
    }
}

impl Parse for Declaration {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let root = Root::parse_inner(input)?;
        let attributes = Attribute::parse_outer(input)?;
        let visibility = input.parse()?;
        let ident: Ident = input
            .parse()
            .map_err(|error| syn::Error::new(error.span(), "expected the name of the profile's type"))?;
        let in_the_store = format!("a profile has a name in the store: `{ident} = \"..\" {{ .. }}`");
        input.parse::<Token![=]>().map_err(|error| syn::Error::new(error.span(), &in_the_store))?;
        let name = input.parse().map_err(|error: syn::Error| syn::Error::new(error.span(), &in_the_store))?;
        let options = if input.peek(syn::token::Paren) { Options::parse(input)? } else { Options::default() };
        if !input.peek(syn::token::Brace) {
            return Err(input.error("expected the models of the profile: `{ Note, Notebook }`"));
        }
        let list;
        syn::braced!(list in input);
        let mut errors = Errors::default();
        let models = parse_models(&list, &mut errors);
        if !input.is_empty() {
            errors.push(input.error("nothing follows the models of a profile"));
        }
        Ok(Self { root, attributes, visibility, ident, name, options, models, errors })
    }
}

/// Parses paths to the end of `input`. After a mistake it goes on behind the next comma.
fn parse_models(input: ParseStream, errors: &mut Errors) -> Vec<Listed> {
    let mut models = Vec::new();
    while !input.is_empty() {
        let condition = parse_condition(input, errors);
        match Path::parse_mod_style(input) {
            Ok(path) => models.push(Listed { condition, path }),
            Err(_) => errors.push(input.error("expected the name of a model")),
        }
        let mut rest = TokenStream::new();
        while !input.peek(Token![,]) {
            match input.parse::<TokenTree>() {
                Ok(token) => token.to_tokens(&mut rest),
                Err(_) => break,
            }
        }
        if errors.is_empty() && !rest.is_empty() {
            errors.at(rest, "expected `,` between two models");
        }
        let _comma: Option<Token![,]> = input.parse().unwrap_or_default();
    }
    models
}

/// Parses the attributes before a model, and reports those other than `cfg` and documentation.
fn parse_condition(input: ParseStream, errors: &mut Errors) -> Option<Condition> {
    let parsed = input.call(Attribute::parse_outer).and_then(|attributes| {
        let (conditions, others): (Vec<_>, Vec<_>) =
            attributes.into_iter().partition(|attribute| attribute.path().is_ident("cfg"));
        for other in others.iter().filter(|other| !is_doc(other)) {
            errors.at(other, "a model in a profile takes `#[cfg(..)]`, and no other attribute");
        }
        Condition::of(&conditions)
    });
    parsed.unwrap_or_else(|error| {
        errors.push(error);
        None
    })
}

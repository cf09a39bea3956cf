//! The parsed declaration of a profile: `/// docs  pub Notes = "notes" { Note, Notebook }`.

use proc_macro2::TokenTree;
use quote::ToTokens as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, LitStr, Path, Token, Visibility};

use crate::errors::Errors;
use crate::root::Root;

/// The declaration of a profile.
pub(super) struct Declaration {
    pub(super) root: Root,
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) ident: Ident,
    pub(super) name: LitStr,
    pub(super) models: Vec<Path>,
    /// The mistakes between the braces.
    pub(super) errors: Errors,
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
        Ok(Self { root, attributes, visibility, ident, name, models, errors })
    }
}

/// Parses paths to the end of `input`. After a mistake it goes on behind the next comma.
fn parse_models(input: ParseStream, errors: &mut Errors) -> Vec<Path> {
    let mut models = Vec::new();
    while !input.is_empty() {
        match Path::parse_mod_style(input) {
            Ok(model) => models.push(model),
            Err(_) => errors.push(input.error("expected the name of a model")),
        }
        let mut rest = proc_macro2::TokenStream::new();
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

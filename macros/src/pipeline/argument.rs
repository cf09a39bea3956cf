//! The arguments of an operator or a clause, and the parameters of a form that they belong to.

use proc_macro2::Group;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, Ident, Token};

use super::operator::{Form, Parameter};
use crate::attributes::is_doc;

/// The arguments of an operator.
pub(super) enum Arguments {
    Parsed(Vec<Argument>),
    /// Tokens that are not Rust, with their parentheses. They are expanded in place, as those of a piece.
    Unparsed(Group, syn::Error),
}

/// An argument of an operator: `value`, or `name: value`.
pub(super) struct Argument {
    /// Its attributes without documentation. None has a meaning there.
    pub(super) attributes: Vec<Attribute>,
    pub(super) name: Option<Ident>,
    pub(super) value: Expr,
}

impl Parse for Argument {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut attributes = Attribute::parse_outer(input)?;
        attributes.retain(|attribute| !is_doc(attribute));
        let is_named = input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]);
        let name = if is_named {
            let name = input.parse()?;
            input.parse::<Token![:]>()?;
            Some(name)
        } else {
            None
        };
        Ok(Self { attributes, name, value: parse_value(input)? })
    }
}

/// Parses an expression, without the invisible groups that a `macro_rules!` puts around its arguments.
pub(super) fn parse_value(input: ParseStream) -> syn::Result<Expr> {
    let mut value = input.parse()?;
    while let Expr::Group(group) = value {
        value = *group.expr;
    }
    Ok(value)
}

impl From<Expr> for Argument {
    fn from(value: Expr) -> Self {
        Self { attributes: Vec::new(), name: None, value }
    }
}

/// The names of those `arguments` that have one.
pub(super) fn names(arguments: &[Argument]) -> Vec<String> {
    arguments.iter().filter_map(|argument| argument.name.as_ref()).map(Ident::to_string).collect()
}

/// The parameters of `form`, each with its argument if there is one.
pub(super) fn bind<'a>(
    form: &'static Form,
    arguments: &'a [Argument],
) -> Vec<(&'static Parameter, Option<&'a Argument>)> {
    let mut plain = arguments.iter().filter(|argument| argument.name.is_none());
    let argument = |parameter: &'static Parameter| match parameter.name {
        Some(wanted) => {
            arguments.iter().find(|argument| argument.name.as_ref().is_some_and(|name| name == wanted))
        }
        None => plain.next(),
    };
    form.parameters.iter().zip(form.parameters.iter().map(argument)).collect()
}

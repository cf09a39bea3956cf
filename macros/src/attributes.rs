//! The attributes of a declaration, distributed over the items of its expansion.
//!
//! A `cfg` applies to every item, and the level of a lint to the code as well as to the type. Both may be inside of a
//! `cfg_attr`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Visibility};

const LEVELS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];

/// The lints that the compiler reports at a type. An `expect` of another one belongs to the code.
const OF_TYPES: [&str; 8] = [
    "dead_code",
    "missing_docs",
    "non_camel_case_types",
    "non_ascii_idents",
    "unreachable_pub",
    "unnameable_types",
    "module_name_repetitions",
    "redundant_pub_crate",
];

/// The number of parameters above which clippy reports a function.
const MOST_PARAMETERS: usize = 7;

/// The attributes of a declared type.
pub(crate) struct Distributed {
    /// The attributes of the type, in the order of the declaration.
    pub(crate) on_type: TokenStream,
    /// Each `cfg`, for every item of the expansion.
    pub(crate) conditions: TokenStream,
    /// The levels of lints, for the code.
    pub(crate) levels: TokenStream,
    /// The `deprecated` of the declaration.
    pub(crate) deprecated: TokenStream,
}

impl Distributed {
    /// Distributes `attributes`. The type is not deprecated itself: an expansion names it in its own items, and these would
    /// be reported.
    pub(crate) fn of_functions(attributes: &[Attribute]) -> Self {
        Self {
            on_type: select(attributes, |name, meta| {
                let is_of_code = name == "expect" && !is_of_types(meta);
                (name != "deprecated" && !is_of_code).then(|| meta.clone())
            }),
            levels: select(attributes, |name, meta| {
                let is_of_code = LEVELS.contains(&name) && !(name == "expect" && is_of_types(meta));
                is_of_code.then(|| meta.clone())
            }),
            ..Self::of_type(attributes)
        }
    }

    /// Distributes `attributes`. All of them stay at the type.
    pub(crate) fn of_type(attributes: &[Attribute]) -> Self {
        Self {
            on_type: quote!(#(#attributes)*),
            conditions: conditions(attributes),
            levels: levels(attributes),
            deprecated: select(attributes, |name, meta| (name == "deprecated").then(|| meta.clone())),
        }
    }
}

/// Each `cfg` among `attributes`.
pub(crate) fn conditions(attributes: &[Attribute]) -> TokenStream {
    select(attributes, |name, meta| (name == "cfg").then(|| meta.clone()))
}

/// The levels of lints among `attributes`, for the code that belongs to a type with these attributes. An `expect` is an
/// `allow` there, because the compiler reports the lint at the type.
pub(crate) fn levels(attributes: &[Attribute]) -> TokenStream {
    select(attributes, |name, meta| {
        let renamed = || {
            let mut tokens = meta.clone().into_iter();
            let name = tokens.next().map(|name| TokenTree::Ident(Ident::new("allow", name.span())));
            name.into_iter().chain(tokens).collect()
        };
        LEVELS.contains(&name).then(|| if name == "expect" { renamed() } else { meta.clone() })
    })
}

/// True for a comment of documentation.
pub(crate) fn is_doc(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
}

/// True for a `cfg` or a `cfg_attr`.
pub(crate) fn is_condition(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

/// True for the level of a lint.
pub(crate) fn is_level(attribute: &Attribute) -> bool {
    LEVELS.iter().any(|level| attribute.path().is_ident(level))
}

/// The attributes before `tokens`, without documentation, and the tokens behind them.
pub(crate) fn leading(tokens: &TokenStream) -> (Vec<Attribute>, TokenStream) {
    let parser = |input: ParseStream| {
        let mut attributes = Attribute::parse_outer(input)?;
        attributes.retain(|attribute| !is_doc(attribute));
        Ok((attributes, input.parse()?))
    };
    parser.parse2(tokens.clone()).unwrap_or_else(|_| (Vec::new(), tokens.clone()))
}

/// `visibility` with the span of the expansion, for items that the user did not write. Lints of the user do not apply to
/// them.
pub(crate) fn of_expansion(visibility: &Visibility) -> Visibility {
    let mut visibility = visibility.clone();
    match &mut visibility {
        Visibility::Public(public) => public.span = Span::call_site(),
        Visibility::Restricted(restricted) => restricted.pub_token.span = Span::call_site(),
        Visibility::Inherited => {}
    }
    visibility
}

/// The permission for a generated function with `count` parameters, if they are more than clippy permits by itself. A function
/// with fewer has no attribute, since no `allow` is possible where the user forbids the lint.
pub(crate) fn parameters_allowed(count: usize) -> Option<TokenStream> {
    (count > MOST_PARAMETERS).then(|| quote!(#[allow(clippy::too_many_arguments)]))
}

/// `ident` at the same place with the span of the expansion. Lints of the user, such as `deprecated`, do not apply to it.
pub(crate) fn quiet(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(Span::call_site().located_at(ident.span()));
    ident
}

/// The attributes for which `choose` returns tokens. It is called with the name and the tokens of each one, also of those
/// inside of a `cfg_attr`.
fn select(
    attributes: &[Attribute],
    choose: impl Fn(&str, &TokenStream) -> Option<TokenStream>,
) -> TokenStream {
    let chosen = attributes.iter().filter_map(|attribute| {
        let meta = attribute.meta.to_token_stream();
        if !attribute.path().is_ident("cfg_attr") {
            let name = attribute.path().get_ident().map(Ident::to_string).unwrap_or_default();
            return choose(&name, &meta);
        }
        let list = attribute.meta.require_list().ok()?;
        let mut parts = split_at_commas(list.tokens.clone()).into_iter();
        let condition = parts.next()?;
        let inside = parts.filter_map(|meta| {
            let name = meta.clone().into_iter().next()?.to_string();
            choose(&name, &meta)
        });
        let inside: Vec<_> = inside.collect();
        (!inside.is_empty()).then(|| quote!(cfg_attr(#condition, #(#inside),*)))
    });
    quote!(#(#[#chosen])*)
}

/// True if `meta`, as in `expect(dead_code)`, names a lint that the compiler reports at a type.
fn is_of_types(meta: &TokenStream) -> bool {
    fn names(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(name) => OF_TYPES.iter().any(|lint| name == lint),
            TokenTree::Group(group) => names(group.stream()),
            _ => false,
        })
    }
    names(meta.clone())
}

fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(comma), _) if comma.as_char() == ',' => parts.push(TokenStream::new()),
            (_, Some(part)) => part.extend([token]),
            (_, None) => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::Distributed;
    use quote::quote;
    use syn::parse::Parser as _;

    fn distributed(attributes: proc_macro2::TokenStream) -> Distributed {
        Distributed::of_functions(&syn::Attribute::parse_outer.parse2(attributes).unwrap())
    }

    #[test]
    fn each_attribute_goes_where_it_applies() {
        let Distributed { on_type, conditions, levels, deprecated } = distributed(quote! {
            #[doc = "Numbers."]
            #[cfg(unix)]
            #[deprecated]
            #[allow(unused)]
            #[expect(dead_code)]
            #[expect(clippy::shadow_unrelated)]
            #[derive(PartialEq)]
        });
        assert_eq!(
            on_type.to_string(),
            quote! { #[doc = "Numbers."] #[cfg(unix)] #[allow(unused)] #[expect(dead_code)] #[derive(PartialEq)] }
                .to_string()
        );
        assert_eq!(conditions.to_string(), quote!(#[cfg(unix)]).to_string());
        assert_eq!(
            levels.to_string(),
            quote!(#[allow(unused)] #[expect(clippy::shadow_unrelated)]).to_string()
        );
        assert_eq!(deprecated.to_string(), quote!(#[deprecated]).to_string());
    }

    #[test]
    fn attributes_under_a_condition_are_found() {
        let Distributed { on_type, conditions, levels, deprecated } = distributed(quote! {
            #[cfg_attr(feature = "a", deprecated(note = "x, y"), cfg(unix), deny(unused), derive(PartialEq))]
        });
        assert_eq!(
            on_type.to_string(),
            quote!(#[cfg_attr(feature = "a", cfg(unix), deny(unused), derive(PartialEq))]).to_string()
        );
        assert_eq!(conditions.to_string(), quote!(#[cfg_attr(feature = "a", cfg(unix))]).to_string());
        assert_eq!(levels.to_string(), quote!(#[cfg_attr(feature = "a", deny(unused))]).to_string());
        assert_eq!(
            deprecated.to_string(),
            quote!(#[cfg_attr(feature = "a", deprecated(note = "x, y"))]).to_string()
        );
    }
}

//! The options of a profile: `(known = SCHEMA, on_conflict = last(by = edited))`.

use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Ident, Path, Token};

use crate::errors::did_you_mean;

/// The options of a profile.
#[derive(Default)]
pub(super) struct Options {
    /// The path of a constant: the schema of the application that makes the tables.
    pub(super) known: Option<Path>,
    pub(super) on_conflict: Option<OnConflict>,
}

/// The rule for records in conflict.
pub(super) enum OnConflict {
    /// `mine`, `theirs` or `by_field`, as the name of the variant.
    Named(Ident),
    /// `last(by = field)`.
    Last(Ident),
    /// The path of a function.
    With(Path),
}

const OPTIONS: &str =
    "the options of a profile are `known = SCHEMA` and `on_conflict = RULE`, with commas between them";

const KNOWN: &str = "`known` names the schema of the application that makes the tables: `(known = SCHEMA)`";

const RULES: &str = "the rule for conflicts is `mine`, `theirs`, `by_field`, `last(by = field)` or the path of a function: \
     `(on_conflict = theirs)`";

const LAST: &str = "`last` names the field that decides: `last(by = edited)`";

impl Options {
    /// Parses the parentheses.
    pub(super) fn parse(input: ParseStream) -> syn::Result<Self> {
        let parsed;
        syn::parenthesized!(parsed in input);
        let mut options = Self::default();
        loop {
            let key: Ident = parsed.parse().map_err(|error| syn::Error::new(error.span(), OPTIONS))?;
            match key.to_string().as_str() {
                "known" if options.known.is_none() => {
                    options.known = Some(value(&parsed, KNOWN, Path::parse_mod_style)?);
                }
                "on_conflict" if options.on_conflict.is_none() => {
                    options.on_conflict = Some(value(&parsed, RULES, OnConflict::parse)?);
                }
                name @ ("known" | "on_conflict") => {
                    return Err(syn::Error::new(key.span(), format!("`{name}` is given twice")));
                }
                name => {
                    let message = did_you_mean(name, ["known", "on_conflict"], OPTIONS);
                    let message =
                        if message == OPTIONS { message } else { format!("unknown option; {message}") };
                    return Err(syn::Error::new(key.span(), message));
                }
            }
            if parsed.is_empty() {
                return Ok(options);
            }
            parsed.parse::<Token![,]>().map_err(|error| syn::Error::new(error.span(), OPTIONS))?;
            if parsed.is_empty() {
                return Ok(options);
            }
        }
    }
}

/// Parses `= VALUE`. A mistake at the very start of the value gets the message `expected`.
fn value<T>(
    input: ParseStream,
    expected: &str,
    parse: impl FnOnce(ParseStream) -> syn::Result<T>,
) -> syn::Result<T> {
    let replaced = |error: syn::Error| syn::Error::new(error.span(), expected);
    input.parse::<Token![=]>().map_err(replaced)?;
    if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
        return Err(input.error(expected));
    }
    parse(input)
}

impl OnConflict {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let path = Path::parse_mod_style(input)?;
        let name = path.get_ident().map(ToString::to_string).unwrap_or_default();
        if input.peek(syn::token::Paren) {
            if name != "last" {
                return Err(input.error(RULES));
            }
            let by;
            syn::parenthesized!(by in input);
            let replaced = |error: syn::Error| syn::Error::new(error.span(), LAST);
            let key: Ident = by.parse().map_err(replaced)?;
            if key != "by" {
                return Err(syn::Error::new(key.span(), LAST));
            }
            by.parse::<Token![=]>().map_err(replaced)?;
            let field = by.parse().map_err(replaced)?;
            return if by.is_empty() { Ok(Self::Last(field)) } else { Err(by.error(LAST)) };
        }
        let variant = match name.as_str() {
            "mine" => "Mine",
            "theirs" => "Theirs",
            "by_field" => "ByField",
            "last" => return Err(syn::Error::new_spanned(path, LAST)),
            _ => return Ok(Self::With(path)),
        };
        Ok(Self::Named(Ident::new(variant, proc_macro2::Span::call_site())))
    }
}

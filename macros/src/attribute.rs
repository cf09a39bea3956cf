//! The entries of a `#[syncable(..)]`: `key`, `key = value` and `key(values)`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, ExprUnary, Ident, Lit, LitStr, Path, Token, UnOp};

use crate::errors::Errors;

/// One entry, its value not looked at yet.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    value: Value,
}

enum Value {
    None,
    Is(TokenStream),
    Of(TokenStream),
}

/// What the user gave for a key.
pub(crate) enum Given<T> {
    Nothing,
    /// Something that was reported already.
    Nonsense,
    This(T),
}

impl<T> Given<T> {
    pub(crate) fn as_option(&self) -> Option<&T> {
        match self {
            Self::This(value) => Some(value),
            Self::Nothing | Self::Nonsense => None,
        }
    }

    /// Takes the value of `entry` that `parse` reads, and reports a second one.
    pub(crate) fn fill(
        &mut self,
        entry: &Entry,
        errors: &mut Errors,
        parse: impl FnOnce(&Entry) -> syn::Result<T>,
    ) {
        if !matches!(self, Self::Nothing) {
            errors.at(&entry.key, format_args!("`{}` is given twice", entry.key));
            return;
        }
        *self = match parse(entry) {
            Ok(value) => Self::This(value),
            Err(error) => {
                errors.push(error);
                Self::Nonsense
            }
        };
    }
}

/// Whether `attribute` is a `#[syncable]` without parentheses, of which nothing can be read.
pub(crate) fn is_garbled(attribute: &Attribute) -> bool {
    attribute.path().is_ident("syncable") && !matches!(attribute.meta, syn::Meta::List(_))
}

/// The entries of every `#[syncable(..)]` among `attributes`. `example` shows what one may hold.
pub(crate) fn entries(attributes: &[Attribute], example: &str, errors: &mut Errors) -> Vec<Entry> {
    let mut entries = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("syncable")) {
        match &attribute.meta {
            syn::Meta::List(list) => {
                let parser = |input: ParseStream| {
                    parse_entries(input, &mut entries, errors);
                    Ok(())
                };
                if let Err(error) = parser.parse2(list.tokens.clone()) {
                    errors.push(error);
                }
            }
            meta => errors.at(meta, format_args!("write `#[syncable({example})]`")),
        }
    }
    entries
}

/// Reads entries up to the end, and goes on after a mistake.
fn parse_entries(input: ParseStream, entries: &mut Vec<Entry>, errors: &mut Errors) {
    while !input.is_empty() {
        match Entry::parse(input) {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                errors.push(error);
                skip(input, |input| input.peek(Token![,]));
            }
        }
        if input.peek(Token![,]) {
            let _comma = input.parse::<Token![,]>();
        } else if !input.is_empty() {
            errors.push(input.error("a `,` is missing before this"));
            skip(input, |input| input.peek(Token![,]) || begins_an_entry(input));
        }
    }
}

fn begins_an_entry(input: ParseStream) -> bool {
    input.peek(Ident::peek_any) && !input.peek2(Token![::])
}

/// Takes tokens up to the end, or to where `stop` says so.
fn skip(input: ParseStream, stop: impl Fn(ParseStream) -> bool) -> TokenStream {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !stop(input) {
        match input.parse::<TokenTree>() {
            Ok(token) => token.to_tokens(&mut skipped),
            Err(_) => break,
        }
    }
    skipped
}

impl Entry {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected a key, such as `profile` or `local`"));
        }
        let key = Ident::parse_any(input)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            // The next entry ends a value too, where the comma between them is forgotten.
            let next = |input: ParseStream| input.peek(Ident::peek_any) && input.peek2(Token![=]);
            Value::Is(skip(input, |input| input.peek(Token![,]) || next(input)))
        } else if input.peek(syn::token::Paren) {
            let values;
            syn::parenthesized!(values in input);
            Value::Of(values.parse()?)
        } else {
            Value::None
        };
        Ok(Self { key, value })
    }

    /// The value of `key = "text"`.
    pub(crate) fn text(&self) -> syn::Result<LitStr> {
        let expected = format!("`{0}` takes text: `{0} = \"..\"`", self.key);
        let Value::Is(tokens) = &self.value else { return Err(self.mistake(expected)) };
        syn::parse2(tokens.clone()).map_err(|_| self.mistake(expected))
    }

    /// The value of `key = path::to::Type`.
    pub(crate) fn path(&self, example: &str) -> syn::Result<Path> {
        let expected = format!("`{0}` takes a path: `{0} = {example}`", self.key);
        let Value::Is(tokens) = &self.value else { return Err(self.mistake(expected)) };
        Path::parse_mod_style.parse2(tokens.clone()).map_err(|_| self.mistake(expected))
    }

    /// The values of `key(A, B)`, or of `key = A` where there is one.
    pub(crate) fn paths(&self, example: &str) -> syn::Result<Vec<Path>> {
        let expected = format!("`{0}` takes models: `{0}({example})`", self.key);
        let (Value::Is(tokens) | Value::Of(tokens)) = &self.value else { return Err(self.mistake(expected)) };
        let parser = |input: ParseStream| {
            Punctuated::<Path, Token![,]>::parse_terminated_with(input, Path::parse_mod_style)
        };
        match parser.parse2(tokens.clone()) {
            Ok(paths) if !paths.is_empty() => Ok(paths.into_iter().collect()),
            _ => Err(self.mistake(expected)),
        }
    }

    /// The value of `key(field = "text")`.
    ///
    /// `what` says in words what the text is.
    pub(crate) fn pair(&self, what: &str, example: &str) -> syn::Result<(Ident, LitStr)> {
        let expected = format!("`{0}` takes a field and {what}: `{0}({example})`", self.key);
        let Value::Of(tokens) = &self.value else { return Err(self.mistake(expected)) };
        let parser = |input: ParseStream| {
            let field = input.parse()?;
            input.parse::<Token![=]>()?;
            let value = input.parse()?;
            input.parse::<Option<Token![,]>>()?;
            Ok((field, value))
        };
        parser.parse2(tokens.clone()).map_err(|_| self.mistake(expected))
    }

    /// The value of `key = word`, one of `words`.
    pub(crate) fn word(&self, words: &[&str]) -> syn::Result<Ident> {
        let known: Vec<_> = words.iter().map(|word| format!("`{} = {word}`", self.key)).collect();
        let expected = format!("`{}` takes a word: {}", self.key, known.join(" or "));
        let Value::Is(tokens) = &self.value else { return Err(self.mistake(expected)) };
        match syn::parse2::<Ident>(tokens.clone()) {
            Ok(word) if words.iter().any(|known| word == known) => Ok(word),
            _ => Err(self.mistake(expected)),
        }
    }

    /// The value of `key = literal`: a number, which may be negative, a truth value or text.
    pub(crate) fn literal(&self) -> syn::Result<Expr> {
        let expected =
            format!("`{0}` takes a number, `true`, `false` or text: `{0} = 0`, `{0} = \"\"`", self.key);
        let Value::Is(tokens) = &self.value else { return Err(self.mistake(expected)) };
        let is_number =
            |expr: &Expr| matches!(expr, Expr::Lit(ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }));
        match syn::parse2::<Expr>(tokens.clone()) {
            Ok(expr @ Expr::Lit(ExprLit { lit: Lit::Str(_) | Lit::Bool(_), .. })) => Ok(expr),
            Ok(expr) if is_number(&expr) => Ok(expr),
            Ok(Expr::Unary(ExprUnary { op: UnOp::Neg(minus), expr, attrs })) if is_number(&expr) => {
                Ok(Expr::Unary(ExprUnary { op: UnOp::Neg(minus), expr, attrs }))
            }
            _ => Err(self.mistake(expected)),
        }
    }

    /// The key alone, as a flag.
    pub(crate) fn flag(&self) -> syn::Result<Ident> {
        match &self.value {
            Value::None => Ok(self.key.clone()),
            _ => Err(self.mistake(format!("`{0}` takes no value: write `{0}`", self.key))),
        }
    }

    /// `message`, under the value where there is one.
    fn mistake(&self, message: String) -> syn::Error {
        match &self.value {
            Value::Is(tokens) | Value::Of(tokens) if !tokens.is_empty() => {
                syn::Error::new_spanned(tokens, message)
            }
            _ => syn::Error::new_spanned(&self.key, message),
        }
    }
}

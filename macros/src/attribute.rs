//! Parser for the entries of `#[syncable(..)]`: `key`, `key = value` and `key(values)`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, ExprUnary, Ident, Lit, LitBool, LitInt, LitStr, Path, Token, UnOp};

use crate::errors::Errors;
use crate::ungrouped::flat;

/// One entry: its key, and the tokens of its value. A method such as [`text`](Entry::text) parses the value.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    value: Value,
}

/// The tokens behind a key.
enum Value {
    /// `key`
    None,
    /// `key = tokens`
    Equals(TokenStream),
    /// `key(tokens)`
    Parenthesized(TokenStream),
}

/// A key that is switched on or off.
pub(crate) struct Truth {
    pub(crate) key: Ident,
    pub(crate) value: bool,
}

/// The value of one key, as far as it was read.
pub(crate) enum Given<T> {
    /// The key is absent.
    Absent,
    /// The key is present, and its value was reported as an error.
    Invalid,
    /// The key is present and has this value.
    Value(T),
}

impl<T> Given<T> {
    pub(crate) fn as_option(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Invalid => None,
        }
    }

    /// Sets the value to the one that `parse` reads from `entry`. Reports an error if the key was given before, or if
    /// `parse` fails.
    pub(crate) fn fill(
        &mut self,
        entry: &Entry,
        errors: &mut Errors,
        parse: impl FnOnce(&Entry) -> syn::Result<T>,
    ) {
        if !matches!(self, Self::Absent) {
            errors.at(&entry.key, format_args!("`{}` is given twice", entry.key));
            return;
        }
        *self = match parse(entry) {
            Ok(value) => Self::Value(value),
            Err(error) => {
                errors.push(error);
                Self::Invalid
            }
        };
    }
}

/// Returns `true` for `#[syncable]` and `#[syncable = ..]`: without parentheses an attribute has no entries.
pub(crate) fn has_no_entries(attribute: &Attribute) -> bool {
    attribute.path().is_ident("syncable") && !matches!(attribute.meta, syn::Meta::List(_))
}

/// Parses the entries of every `#[syncable(..)]` among `attributes`.
///
/// A malformed attribute or entry is reported, and parsing goes on behind it. `example` is the entry that the message
/// shows.
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

/// Parses entries to the end of `input`. After a mistake it goes on with the next entry.
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

/// Removes tokens from `input` and returns them, until `stop` returns `true` or the input ends.
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
            // A `key =` ends the value as well: the comma before it may be missing.
            let next = |input: ParseStream| input.peek(Ident::peek_any) && input.peek2(Token![=]);
            Value::Equals(flat(skip(input, |input| input.peek(Token![,]) || next(input))))
        } else if input.peek(syn::token::Paren) {
            let values;
            syn::parenthesized!(values in input);
            Value::Parenthesized(flat(values.parse()?))
        } else {
            Value::None
        };
        Ok(Self { key, value })
    }

    /// Parses `key = "text"` and returns the text.
    pub(crate) fn text(&self) -> syn::Result<LitStr> {
        let expected = format!("`{0}` takes text: `{0} = \"..\"`", self.key);
        let Value::Equals(tokens) = &self.value else { return Err(self.mistake(expected)) };
        syn::parse2(tokens.clone()).map_err(|_| self.mistake(expected))
    }

    /// Parses `key("a", "b")`, or `key = "a"`, and returns the texts, at least one.
    pub(crate) fn texts(&self) -> syn::Result<Vec<LitStr>> {
        let expected = format!("`{0}` takes texts: `{0}(\"..\")`", self.key);
        let (Value::Equals(tokens) | Value::Parenthesized(tokens)) = &self.value else {
            return Err(self.mistake(expected));
        };
        match Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            Ok(texts) if !texts.is_empty() => Ok(texts.into_iter().collect()),
            _ => Err(self.mistake(expected)),
        }
    }

    /// Parses `key = path::to::Type` and returns the path. `example` is a path for the message.
    pub(crate) fn path(&self, example: &str) -> syn::Result<Path> {
        let expected = format!("`{0}` takes a path: `{0} = {example}`", self.key);
        let Value::Equals(tokens) = &self.value else { return Err(self.mistake(expected)) };
        Path::parse_mod_style.parse2(tokens.clone()).map_err(|_| self.mistake(expected))
    }

    /// Parses `key(A, B)`, or `key = A`, and returns the paths, at least one. `example` is a path for the message.
    pub(crate) fn paths(&self, example: &str) -> syn::Result<Vec<Path>> {
        let expected = format!("`{0}` takes models: `{0}({example})`", self.key);
        let (Value::Equals(tokens) | Value::Parenthesized(tokens)) = &self.value else {
            return Err(self.mistake(expected));
        };
        let parser = |input: ParseStream| {
            Punctuated::<Path, Token![,]>::parse_terminated_with(input, Path::parse_mod_style)
        };
        match parser.parse2(tokens.clone()) {
            Ok(paths) if !paths.is_empty() => Ok(paths.into_iter().collect()),
            _ => Err(self.mistake(expected)),
        }
    }

    /// Parses `key = path`, or `key(A, B)` for several, and returns the paths. `example` is a path for the message.
    pub(crate) fn path_or_paths(&self, example: &str) -> syn::Result<Vec<Path>> {
        match &self.value {
            Value::Parenthesized(_) => self.paths(example),
            Value::None | Value::Equals(_) => Ok(vec![self.path(example)?]),
        }
    }

    /// Parses `key(field = "text")` and returns the field and the text.
    ///
    /// The message describes the text with the words in `what` and shows `example`.
    pub(crate) fn pair(&self, what: &str, example: &str) -> syn::Result<(Ident, LitStr)> {
        let expected = format!("`{0}` takes a field and {what}: `{0}({example})`", self.key);
        let Value::Parenthesized(tokens) = &self.value else { return Err(self.mistake(expected)) };
        let parser = |input: ParseStream| {
            let field = input.parse()?;
            input.parse::<Token![=]>()?;
            let value = input.parse()?;
            input.parse::<Option<Token![,]>>()?;
            Ok((field, value))
        };
        parser.parse2(tokens.clone()).map_err(|_| self.mistake(expected))
    }

    /// Parses `key = word` and returns the word, which must be one of `words`.
    pub(crate) fn word(&self, words: &[&str]) -> syn::Result<Ident> {
        let known: Vec<_> = words.iter().map(|word| format!("`{} = {word}`", self.key)).collect();
        let expected = format!("`{}` takes a word: {}", self.key, known.join(" or "));
        let Value::Equals(tokens) = &self.value else { return Err(self.mistake(expected)) };
        match syn::parse2::<Ident>(tokens.clone()) {
            Ok(word) if words.iter().any(|known| word == known) => Ok(word),
            _ => Err(self.mistake(expected)),
        }
    }

    /// Parses `key = literal` and returns the literal: a number with an optional minus, `true`, `false` or text.
    pub(crate) fn literal(&self) -> syn::Result<Expr> {
        let expected =
            format!("`{0}` takes a number, `true`, `false` or text: `{0} = 0`, `{0} = \"\"`", self.key);
        let Value::Equals(tokens) = &self.value else { return Err(self.mistake(expected)) };
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

    /// Parses `key = 50` and returns the number, which is at least 1.
    pub(crate) fn count(&self) -> syn::Result<LitInt> {
        let expected = format!("`{0}` takes a number from 1 on: `{0} = 50`", self.key);
        let Value::Equals(tokens) = &self.value else { return Err(self.mistake(expected)) };
        match syn::parse2::<LitInt>(tokens.clone()) {
            Ok(number) if number.base10_parse::<u32>().is_ok_and(|number| number > 0) => Ok(number),
            _ => Err(self.mistake(expected)),
        }
    }

    /// Parses `key = number` and returns the literal, with an optional minus.
    pub(crate) fn number(&self) -> syn::Result<Expr> {
        let expected = format!("`{0}` takes a number: `{0} = 0`", self.key);
        match self.literal() {
            Ok(Expr::Lit(ExprLit { lit: Lit::Str(_) | Lit::Bool(_), .. })) | Err(_) => {
                Err(self.mistake(expected))
            }
            Ok(number) => Ok(number),
        }
    }

    /// Parses `key("a", "b")` or `key(1, 2)`, and returns the literals, at least one. All are texts, or all integers.
    pub(crate) fn choices(&self) -> syn::Result<Vec<Expr>> {
        let expected = format!("`{0}` takes texts or integers: `{0}(\"..\", \"..\")`, `{0}(1, 2)`", self.key);
        let Value::Parenthesized(tokens) = &self.value else { return Err(self.mistake(expected)) };
        let choices = match Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            Ok(choices) if !choices.is_empty() => choices,
            _ => return Err(self.mistake(expected)),
        };
        let is_text = |expr: &Expr| matches!(expr, Expr::Lit(ExprLit { lit: Lit::Str(_), .. }));
        let is_integer = |expr: &Expr| matches!(expr, Expr::Lit(ExprLit { lit: Lit::Int(_), .. }));
        let is_signed = |expr: &Expr| match expr {
            Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => is_integer(expr),
            expr => is_integer(expr),
        };
        if choices.iter().all(is_text) || choices.iter().all(is_signed) {
            Ok(choices.into_iter().collect())
        } else {
            Err(self.mistake(expected))
        }
    }

    /// Parses `key`, `key = true` or `key = false`.
    pub(crate) fn truth(&self) -> syn::Result<Truth> {
        let truth = |value| Truth { key: self.key.clone(), value };
        match &self.value {
            Value::None => Ok(truth(true)),
            Value::Equals(tokens) => syn::parse2::<LitBool>(tokens.clone())
                .map(|literal| truth(literal.value))
                .map_err(|_| self.mistake(format!("`{0}` takes a boolean: `{0}`, `{0} = false`", self.key))),
            Value::Parenthesized(_) => {
                Err(self.mistake(format!("`{0}` takes a boolean: `{0}`, `{0} = false`", self.key)))
            }
        }
    }

    /// Parses `key(a, b)` and returns the names, at least two.
    pub(crate) fn names(&self) -> syn::Result<Vec<Ident>> {
        let expected = format!("`{0}` takes fields: `{0}(a, b)`; for one field, write `{0}` on it", self.key);
        let Value::Parenthesized(tokens) = &self.value else { return Err(self.mistake(expected)) };
        match Punctuated::<Ident, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            Ok(names) if names.len() > 1 => Ok(names.into_iter().collect()),
            _ => Err(self.mistake(expected)),
        }
    }

    /// Returns the key of an entry that has no value.
    pub(crate) fn flag(&self) -> syn::Result<Ident> {
        match &self.value {
            Value::None => Ok(self.key.clone()),
            _ => Err(self.mistake(format!("`{0}` takes no value: write `{0}`", self.key))),
        }
    }

    /// An error with `message` at the value, or at the key if there is no value.
    fn mistake(&self, message: String) -> syn::Error {
        match &self.value {
            Value::Equals(tokens) | Value::Parenthesized(tokens) if !tokens.is_empty() => {
                syn::Error::new_spanned(tokens, message)
            }
            _ => syn::Error::new_spanned(&self.key, message),
        }
    }
}

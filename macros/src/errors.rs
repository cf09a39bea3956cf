//! The error accumulator of the macros: it collects every mistake of one declaration, so that one compile reports all.

use std::fmt::Display;

use quote::ToTokens;

/// An accumulator for `syn::Error`s. The macros report a mistake here and go on with the next part of the declaration.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds an error with `message`. Its span is that of `tokens`, which are part of the user's input.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error that a `syn` parser returned.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Returns `true` if no error was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns `value`, or all errors that were added.
    ///
    /// # Panics
    ///
    /// If `value` is `None` and no error was added: code that leaves a part out must report why.
    pub(crate) fn finish<T>(self, value: Option<T>) -> syn::Result<T> {
        match self.0 {
            None => Ok(value.expect("a missing part was reported as an error")),
            Some(errors) => Err(errors),
        }
    }

    /// Returns all errors as one combined `syn::Error`, or `None` if there are none.
    pub(crate) fn into_inner(self) -> Option<syn::Error> {
        self.0
    }
}

/// Returns the word of `known` that is closest to `word`, if it is likely that `word` is a misspelling of it: at most
/// one edit, or one for every three characters.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, known) = known.into_iter().map(|known| (distance(word, known), known)).min()?;
    (distance <= word.chars().count().max(3) / 3).then_some(known)
}

/// Returns ``did you mean `..`?`` if one of `known` is close to `word`, and `otherwise` if none is.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: impl Display,
) -> String {
    match closest(word, known) {
        Some(known) => format!("did you mean `{known}`?"),
        None => otherwise.to_string(),
    }
}

/// The edit distance: the number of characters to add, remove or replace, and of neighbours to swap.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut rows = vec![(0..=to.len()).collect::<Vec<_>>()];
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::{Errors, did_you_mean, distance};
    use proc_macro2::Span;

    #[test]
    fn every_mistake_is_kept() {
        let mut errors = Errors::default();
        errors.push(syn::Error::new(Span::call_site(), "one"));
        errors.push(syn::Error::new(Span::call_site(), "two"));
        let messages: Vec<_> =
            errors.finish(Some(())).unwrap_err().into_iter().map(|e| e.to_string()).collect();
        assert_eq!(messages, ["one", "two"]);
    }

    #[test]
    fn a_swap_is_one_step() {
        assert_eq!(distance("modle", "model"), 1);
        assert_eq!(distance("", "model"), 5);
        assert_eq!(distance("model", "model"), 0);
    }

    #[test]
    fn only_a_close_word_is_suggested() {
        let keys = ["model", "profile", "table"];
        assert_eq!(did_you_mean("modle", keys, "no"), "did you mean `model`?");
        assert_eq!(did_you_mean("colour", keys, "no"), "no");
    }
}

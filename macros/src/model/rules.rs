//! The rules of a field: `max_length`, `min`, `max`, `choices`, `blank`, `editable`, `validate` and `unique`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Expr, Ident, LitInt, LitStr, Path};

use super::literal::{Default, DefaultValue, default_of};
use crate::attribute::{Entry, Given, Truth};
use crate::errors::Errors;

/// The keys of the rules, with `verbose`, which the errors of a reference show.
pub(super) const KEYS: [&str; 9] =
    ["max_length", "min", "max", "choices", "blank", "editable", "validate", "unique", "verbose"];

/// The rules of one field.
pub(super) struct Rules {
    pub(super) max_length: Given<LitInt>,
    pub(super) min: Given<Expr>,
    pub(super) max: Given<Expr>,
    pub(super) choices: Given<Vec<Expr>>,
    pub(super) blank: Given<Truth>,
    pub(super) editable: Given<Truth>,
    pub(super) validate: Given<Path>,
    pub(super) unique: Given<Ident>,
    pub(super) verbose: Given<LitStr>,
}

impl Rules {
    pub(super) fn new() -> Self {
        Self {
            max_length: Given::Absent,
            min: Given::Absent,
            max: Given::Absent,
            choices: Given::Absent,
            blank: Given::Absent,
            editable: Given::Absent,
            validate: Given::Absent,
            unique: Given::Absent,
            verbose: Given::Absent,
        }
    }

    /// Parses `entry`, whose key is one of [`KEYS`].
    pub(super) fn parse(&mut self, entry: &Entry, errors: &mut Errors) {
        match entry.key.to_string().as_str() {
            "max_length" => self.max_length.fill(entry, errors, Entry::count),
            "min" => self.min.fill(entry, errors, Entry::number),
            "max" => self.max.fill(entry, errors, Entry::number),
            "choices" => self.choices.fill(entry, errors, Entry::choices),
            "blank" => self.blank.fill(entry, errors, Entry::truth),
            "editable" => self.editable.fill(entry, errors, Entry::truth),
            "validate" => self.validate.fill(entry, errors, |entry| entry.path("check_title")),
            "unique" => self.unique.fill(entry, errors, Entry::flag),
            _ => self.verbose.fill(entry, errors, Entry::text),
        }
    }

    /// The first tokens of each rule that is given, and its key.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'static str, TokenStream)> {
        let tokens = [
            self.max_length.as_option().map(ToTokens::to_token_stream),
            self.min.as_option().map(ToTokens::to_token_stream),
            self.max.as_option().map(ToTokens::to_token_stream),
            self.choices.as_option().and_then(|choices| choices.first()).map(ToTokens::to_token_stream),
            self.blank.as_option().map(|truth| truth.key.to_token_stream()),
            self.editable.as_option().map(|truth| truth.key.to_token_stream()),
            self.validate.as_option().map(ToTokens::to_token_stream),
            self.unique.as_option().map(ToTokens::to_token_stream),
            self.verbose.as_option().map(ToTokens::to_token_stream),
        ];
        KEYS.into_iter().zip(tokens).filter_map(|(key, tokens)| Some((key, tokens?)))
    }

    /// Checks the rules of a field. `is_id`, `is_local` and `is_reference` describe it.
    pub(super) fn check(&self, is_id: bool, is_local: bool, is_reference: bool, errors: &mut Errors) {
        for (key, tokens) in self.given() {
            let is_of_values = ["max_length", "min", "max", "choices"].contains(&key);
            if is_id {
                errors
                    .at(tokens, format_args!("the `id` of a model has rules of its own: leave `{key}` out"));
            } else if is_local {
                errors.at(
                    tokens,
                    format_args!(
                        "rules are for the fields that other machines send: a `local` field has no `{key}`"
                    ),
                );
            } else if is_reference && is_of_values {
                errors.at(tokens, format_args!("a reference holds the id of a record, so it has no `{key}`"));
            } else if !is_reference && key == "verbose" {
                errors.at(
                    tokens,
                    "on a field, `verbose` names the records that a reference refers to, and this field is not a reference",
                );
            }
        }
        let bound = |given: &Given<Expr>| {
            given.as_option().and_then(|literal| default_of(literal).ok()).as_ref().map(number)
        };
        if let (Some(min), Some(max), Given::Value(tokens)) = (bound(&self.min), bound(&self.max), &self.max)
            && max < min
        {
            errors.at(tokens, "`max` is less than `min`, so there is no value");
        }
        for literal in [&self.min, &self.max].into_iter().filter_map(Given::as_option) {
            if let Err(message) = default_of(literal) {
                errors.at(literal, message.replace("a default", "a bound"));
            }
        }
        self.check_choices(errors);
    }

    fn check_choices(&self, errors: &mut Errors) {
        let Some(choices) = self.choices.as_option() else { return };
        let values: Vec<_> =
            choices.iter().map(|choice| default_of(choice).map(|choice| choice.sql)).collect();
        for (index, (choice, value)) in choices.iter().zip(&values).enumerate() {
            match value {
                Err(message) => errors.at(choice, message.replace("a default", "a choice")),
                Ok(_) if values[..index].contains(value) => {
                    errors.at(choice, format_args!("`{}` is given twice", choice.to_token_stream()));
                }
                Ok(_) => {}
            }
        }
    }

    /// The function that checks the field's value.
    pub(super) fn validate(&self) -> Option<&Path> {
        self.validate.as_option()
    }
}

fn number(bound: &Default) -> f64 {
    match bound.value {
        #[expect(clippy::cast_precision_loss, reason = "only the order of two bounds depends on it")]
        DefaultValue::Integer(integer) => integer as f64,
        DefaultValue::Real(real) => real,
        DefaultValue::Text(_) => f64::NAN,
    }
}

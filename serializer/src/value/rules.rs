//! The rules of a field beyond its type: length, bounds, choices, missing values.

use super::check::Check;
use super::column::{ColumnType, ColumnValue, StoredValue};
use super::from_json::{EmptyValues, no_choice};
use crate::received::FieldFault;

/// The rule for values that count as missing: empty text, and `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Blank {
    /// No rule: empty text is a value like any other.
    #[default]
    Unchecked,
    /// `blank`: a missing value passes without the field's other rules, as in a Django field with `blank=True`.
    Allowed,
    /// `blank = false`: a missing value is refused, as in Django by default.
    Refused,
}

/// The declared rules of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// The checks of `max_length`, `min`, `max` and `choices`.
    pub checks: &'static [Check],
    /// The rule for missing values.
    pub blank: Blank,
    /// `false` for a field that users do not edit: its value may be missing, and is none of the choices.
    pub editable: bool,
}

impl Rules {
    /// No rules. Called by derived code.
    #[must_use]
    pub const fn new() -> Self {
        Self { checks: &[], blank: Blank::Unchecked, editable: true }
    }

    /// Sets the checks. Called by derived code.
    #[doc(hidden)]
    #[must_use]
    pub const fn checks(mut self, checks: &'static [Check]) -> Self {
        self.checks = checks;
        self
    }

    /// Sets the rule for missing values. Called by derived code.
    #[doc(hidden)]
    #[must_use]
    pub const fn blank(mut self, blank: Blank) -> Self {
        self.blank = blank;
        self
    }

    /// Declares that users do not edit the field. Called by derived code.
    #[doc(hidden)]
    #[must_use]
    pub const fn not_editable(mut self) -> Self {
        self.editable = false;
        self
    }

    /// The checks that `value` is compared with: without choices if the field is not editable.
    fn relevant_checks(&self) -> impl Iterator<Item = Check> {
        let editable = self.editable;
        self.checks.iter().copied().filter(move |check| editable || !is_choice(*check))
    }

    /// The checks that a table of the app makes of the values of a column of type `column_type`.
    pub fn table_checks(&self, column_type: ColumnType) -> impl Iterator<Item = Check> {
        let is_text = column_type == ColumnType::Text && self.editable && self.blank == Blank::Refused;
        self.relevant_checks().chain(is_text.then_some(Check::NotEmpty))
    }

    /// The texts of the checks that `stored` fails, in the order of Django: a value that is no choice is not checked
    /// further.
    pub(super) fn failures(&self, stored: &StoredValue<'_>) -> Result<Vec<String>, FieldFault> {
        let value = stored.as_column();
        let failed = |check: &Check| !check.allows(value);
        if self.relevant_checks().filter(|check| is_choice(*check)).any(|check| failed(&check)) {
            return Err(no_choice(stored));
        }
        Ok(self.relevant_checks().filter(failed).map(|check| text(check, value)).collect())
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::new()
    }
}

pub(super) fn cannot_be_null() -> FieldFault {
    FieldFault::invalid("This field cannot be null.")
}

pub(super) fn cannot_be_blank() -> FieldFault {
    FieldFault::invalid("This field cannot be blank.")
}

/// Returns `true` if the column's value counts as missing.
pub(super) fn is_missing(empty: EmptyValues, stored: &StoredValue<'_>) -> bool {
    match (empty, stored) {
        (_, StoredValue::Null) => true,
        (EmptyValues::Text | EmptyValues::Any, StoredValue::Text(text)) => text.is_empty(),
        (EmptyValues::Nested, StoredValue::Text(text)) => {
            matches!(&**text, "" | "null" | "\"\"" | "[]" | "{}")
        }
        _ => false,
    }
}

fn is_choice(check: Check) -> bool {
    matches!(check, Check::TextOf(_) | Check::IntegerOf(_))
}

/// Django's text for a value that does not pass `check`.
fn text(check: Check, value: ColumnValue<'_>) -> String {
    match (check, value) {
        (Check::Longest(most), ColumnValue::Text(text)) => {
            let (plural, found) = (if most == 1 { "" } else { "s" }, text.chars().count());
            format!("Ensure this value has at most {most} character{plural} (it has {found}).")
        }
        (Check::Least(limit), _) => {
            format!("Ensure this value is greater than or equal to {}.", limit.as_str())
        }
        (Check::Most(limit), _) => format!("Ensure this value is less than or equal to {}.", limit.as_str()),
        (check, _) => format!("Ensure this value is {check}."),
    }
}

//! The errors of a record's fields, and their text, which is Python's `repr` of a dictionary or list.

use std::borrow::Cow;
use std::fmt;

use super::failure::{ExceptionClass, Failure};
use crate::python::write_repr;

/// The texts of a validation: by field, or of the whole record.
///
/// ```
/// use syncline_serializer::received::ValidationErrors;
///
/// let mut errors = ValidationErrors::default();
/// errors.add("name", vec!["This field cannot be blank.".to_owned()]);
/// assert_eq!(errors.to_string(), "{'name': ['This field cannot be blank.']}");
/// assert_eq!(ValidationErrors::of_record("Too many.").to_string(), "['Too many.']");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationErrors(Errors);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Errors {
    OfFields(Vec<(Cow<'static, str>, Vec<String>)>),
    OfRecord(Vec<String>),
}

impl Default for ValidationErrors {
    /// No error, of no field.
    fn default() -> Self {
        Self(Errors::OfFields(Vec::new()))
    }
}

impl ValidationErrors {
    /// One text about the whole record.
    #[must_use]
    pub fn of_record(text: impl Into<String>) -> Self {
        Self(Errors::OfRecord(vec![text.into()]))
    }

    /// Several texts about the whole record.
    #[must_use]
    pub fn all_of_record(texts: Vec<String>) -> Self {
        Self(Errors::OfRecord(texts))
    }

    /// Texts about one field.
    #[must_use]
    pub fn of_field(field: impl Into<Cow<'static, str>>, texts: Vec<String>) -> Self {
        Self(Errors::OfFields(vec![(field.into(), texts)]))
    }

    /// Adds texts to those of `field`. Fields keep the order in which they were added. Texts about the whole record
    /// are filed under `__all__`, as in Django.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, texts: Vec<String>) {
        if let Errors::OfRecord(of_record) = &mut self.0 {
            let of_record = std::mem::take(of_record);
            self.0 = Errors::OfFields(vec![(Cow::Borrowed("__all__"), of_record)]);
        }
        let Errors::OfFields(fields) = &mut self.0 else { return };
        let field = field.into();
        match fields.iter_mut().find(|(known, _)| *known == field) {
            Some((_, known)) => known.extend(texts),
            None => fields.push((field, texts)),
        }
    }

    /// Returns `true` if no text was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Errors::OfFields(fields) => fields.is_empty(),
            Errors::OfRecord(texts) => texts.is_empty(),
        }
    }

    /// `Ok` if no text was added.
    ///
    /// # Errors
    ///
    /// The failure with all texts.
    pub fn into_result(self) -> Result<(), Failure> {
        if self.is_empty() { Ok(()) } else { Err(self.into()) }
    }
}

/// Prints Python's `repr`: `{'name': ['This field cannot be blank.']}`, or `['..']` for texts about the record.
impl fmt::Display for ValidationErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        match &self.0 {
            Errors::OfRecord(texts) => write_list(&mut out, texts),
            Errors::OfFields(fields) => {
                out.push('{');
                for (index, (field, texts)) in fields.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    write_repr(&mut out, field);
                    out.push_str(": ");
                    write_list(&mut out, texts);
                }
                out.push('}');
            }
        }
        f.write_str(&out)
    }
}

impl std::error::Error for ValidationErrors {}

impl From<ValidationErrors> for Failure {
    fn from(errors: ValidationErrors) -> Self {
        Self::new(ExceptionClass::VALIDATION_ERROR, errors.to_string())
    }
}

impl From<String> for ValidationErrors {
    fn from(text: String) -> Self {
        Self::of_record(text)
    }
}

impl From<&str> for ValidationErrors {
    fn from(text: &str) -> Self {
        Self::of_record(text)
    }
}

impl From<Vec<String>> for ValidationErrors {
    fn from(texts: Vec<String>) -> Self {
        Self::all_of_record(texts)
    }
}

fn write_list(out: &mut String, texts: &[String]) {
    out.push('[');
    for (index, text) in texts.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        write_repr(out, text);
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_printed_as_python_does() {
        let mut errors = ValidationErrors::default();
        assert!(errors.is_empty());
        assert_eq!(errors.clone().into_result(), Ok(()));
        errors.add("gender", vec!["Value 'x' is not a valid choice.".to_owned()]);
        errors.add("name", vec!["a".to_owned()]);
        errors.add("gender", vec!["b\u{200b}".to_owned()]);
        let expected = r#"{'gender': ["Value 'x' is not a valid choice.", 'b\u200b'], 'name': ['a']}"#;
        assert_eq!(errors.to_string(), expected);
        let failure = errors.into_result().unwrap_err();
        assert_eq!(failure.class.as_str(), "django.core.exceptions.ValidationError");
        assert_eq!(failure.text, expected);
    }

    #[test]
    fn texts_of_the_record_are_a_list() {
        let mut errors = ValidationErrors::all_of_record(vec!["a".to_owned(), "it's".to_owned()]);
        assert_eq!(errors.to_string(), r#"['a', "it's"]"#);
        errors.add("name", vec!["b".to_owned()]);
        assert_eq!(errors.to_string(), r#"{'__all__': ['a', "it's"], 'name': ['b']}"#);
    }
}

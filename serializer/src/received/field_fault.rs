//! The fault of one field's value, and the collection of a record's faults.

use std::borrow::Cow;

use super::failure::{ExceptionClass, Failure};
use super::validation_errors::ValidationErrors;

/// The fault of one field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldFault {
    /// Texts that are filed under the field's name, together with those of the record's other fields.
    Invalid(Vec<String>),
    /// A failure that ends the validation of the record: the texts of other fields are dropped, as an exception other
    /// than a field's own does in Django.
    Raised(Failure),
    /// A failure that Django finds when it saves the record. It counts only if no field is invalid.
    AtSave(Failure),
}

impl FieldFault {
    /// One text under the field's name.
    #[must_use]
    pub fn invalid(text: impl Into<String>) -> Self {
        Self::Invalid(vec![text.into()])
    }

    /// A failure that ends the validation of the record.
    #[must_use]
    pub fn raised(class: ExceptionClass, text: impl Into<String>) -> Self {
        Self::Raised(Failure::new(class, text))
    }

    /// A failure that Django finds when it saves the record.
    #[must_use]
    pub fn at_save(class: ExceptionClass, text: impl Into<String>) -> Self {
        Self::AtSave(Failure::new(class, text))
    }
}

impl From<Failure> for FieldFault {
    fn from(failure: Failure) -> Self {
        Self::Raised(failure)
    }
}

impl From<String> for FieldFault {
    fn from(text: String) -> Self {
        Self::invalid(text)
    }
}

impl From<&str> for FieldFault {
    fn from(text: &str) -> Self {
        Self::invalid(text)
    }
}

impl From<Vec<String>> for FieldFault {
    fn from(texts: Vec<String>) -> Self {
        Self::Invalid(texts)
    }
}

/// The faults of a record's fields, collected in the order of the fields.
///
/// ```
/// use syncline_serializer::received::{FieldFault, Faults};
///
/// let mut faults = Faults::default();
/// faults.add("name", FieldFault::invalid("This field cannot be blank."))?;
/// faults.add("age", FieldFault::invalid("“x” value must be an integer."))?;
/// let failure = faults.finish().unwrap_err();
/// assert!(failure.text.starts_with("{'name': ['This field cannot be blank.'], 'age': ["));
/// # Ok::<(), syncline_serializer::received::Failure>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Faults {
    errors: ValidationErrors,
    at_save: Option<Failure>,
}

impl Faults {
    /// Adds the fault of `field`.
    ///
    /// # Errors
    ///
    /// The failure of [`FieldFault::Raised`], which ends the validation of the record.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, fault: FieldFault) -> Result<(), Failure> {
        match fault {
            FieldFault::Invalid(texts) => self.errors.add(field, texts),
            FieldFault::AtSave(failure) => {
                self.at_save.get_or_insert(failure);
            }
            FieldFault::Raised(failure) => return Err(failure),
        }
        Ok(())
    }

    /// `Ok` if no fault was added.
    ///
    /// # Errors
    ///
    /// The failure with the texts of all fields; without texts, the first that Django finds when it saves.
    pub fn finish(self) -> Result<(), Failure> {
        self.errors.into_result()?;
        self.at_save.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value_error(text: &str) -> Failure {
        Failure::new(ExceptionClass::VALUE_ERROR, text)
    }

    #[test]
    fn texts_come_before_what_django_finds_later() {
        let mut faults = Faults::default();
        assert_eq!(faults.clone().finish(), Ok(()));
        for text in ["first", "second"] {
            faults.add("id", FieldFault::at_save(ExceptionClass::VALUE_ERROR, text)).unwrap();
        }
        assert_eq!(faults.clone().finish(), Err(value_error("first")));
        faults.add("name", "a".into()).unwrap();
        faults.add("name", vec!["b".to_owned()].into()).unwrap();
        assert_eq!(faults.clone().finish().unwrap_err().text, "{'name': ['a', 'b']}");
        assert_eq!(faults.add("age", value_error("third").into()), Err(value_error("third")));
    }
}

//! A failure of a record: the class and the text of the exception that Morango would note.

use std::fmt;

/// The full name of a Python exception's class, as in the store's column `deserialization_exception`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExceptionClass(&'static str);

impl ExceptionClass {
    /// A value that a field or a model refuses.
    pub const VALIDATION_ERROR: Self = Self::new("django.core.exceptions.ValidationError");
    /// A rule between records, or a constraint of the database, that a record breaks.
    pub const INTEGRITY_ERROR: Self = Self::new("django.db.utils.IntegrityError");
    /// A value that a query cannot bind.
    pub const PROGRAMMING_ERROR: Self = Self::new("django.db.utils.ProgrammingError");
    /// Text that cannot be converted.
    pub const VALUE_ERROR: Self = Self::new("builtins.ValueError");
    /// A value of another type.
    pub const TYPE_ERROR: Self = Self::new("builtins.TypeError");
    /// A number that is too large.
    pub const OVERFLOW_ERROR: Self = Self::new("builtins.OverflowError");
    /// A value without the methods that a rule needs, such as those of an object.
    pub const ATTRIBUTE_ERROR: Self = Self::new("builtins.AttributeError");
    /// A key that an object does not have.
    pub const KEY_ERROR: Self = Self::new("builtins.KeyError");
    /// A position that a sequence does not have.
    pub const INDEX_ERROR: Self = Self::new("builtins.IndexError");
    /// JSON that nests too deep.
    pub const RECURSION_ERROR: Self = Self::new("builtins.RecursionError");
    /// Text with an unpaired surrogate, which no database stores.
    pub const UNICODE_ENCODE_ERROR: Self = Self::new("builtins.UnicodeEncodeError");
    /// Bytes that are not text.
    pub const UNICODE_DECODE_ERROR: Self = Self::new("builtins.UnicodeDecodeError");
    /// Text that is not JSON.
    pub const JSON_DECODE_ERROR: Self = Self::new("json.decoder.JSONDecodeError");
    /// A parent that failed itself.
    pub const DIRTY_PARENT: Self = Self::new("morango.errors.MorangoDirtyParent");
    /// A parent that is not in the store.
    pub const MISSING_PARENT: Self = Self::new("morango.errors.MorangoMissingParent");

    /// A class by its module and name: `json.decoder.JSONDecodeError`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The module and name of the class.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ExceptionClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// The failure of one received record. The store keeps it at the record, which is tried again at the next run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The class of the exception, for the column `deserialization_exception`.
    pub class: ExceptionClass,
    /// The text of the exception, for the column `deserialization_error`.
    pub text: String,
}

impl Failure {
    /// A failure with the class and text of an exception.
    #[must_use]
    pub fn new(class: ExceptionClass, text: impl Into<String>) -> Self {
        Self { class, text: text.into() }
    }
}

/// Prints the text, without the class.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}

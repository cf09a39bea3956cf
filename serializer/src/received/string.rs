//! A JSON string, which may have unpaired surrogates: Python's text can hold them, Rust's cannot.

use std::borrow::Cow;

/// The text of a JSON string or key. It borrows from the parsed text if it has no escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonString<'text> {
    /// Text.
    Text(Cow<'text, str>),
    /// Text with at least one unpaired surrogate, as code points. It can be written as JSON, but no database stores it
    /// as text.
    Surrogates(Vec<u32>),
}

impl JsonString<'_> {
    /// The text, or `None` if it has an unpaired surrogate.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Surrogates(_) => None,
        }
    }

    /// The text, with U+FFFD in the place of unpaired surrogates. For messages.
    #[must_use]
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Surrogates(points) => points
                .iter()
                .map(|point| char::from_u32(*point).unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect(),
        }
    }

    /// Returns `true` for the empty string.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_str() == Some("")
    }

    /// The number of code points, Python's `len`.
    #[must_use]
    pub fn code_points(&self) -> usize {
        match self {
            Self::Text(text) if text.is_ascii() => text.len(),
            Self::Text(text) => text.chars().count(),
            Self::Surrogates(points) => points.len(),
        }
    }

    /// Copies borrowed text.
    #[must_use]
    pub fn into_owned(self) -> JsonString<'static> {
        match self {
            Self::Text(text) => JsonString::Text(Cow::Owned(text.into_owned())),
            Self::Surrogates(points) => JsonString::Surrogates(points),
        }
    }
}

impl<'text> From<&'text str> for JsonString<'text> {
    fn from(text: &'text str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for JsonString<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl PartialEq<str> for JsonString<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

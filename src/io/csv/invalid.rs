//! The error for an invalid CSV record.

use std::error::Error;
use std::fmt;

/// A CSV record that is malformed or does not match the item type.
///
/// The message contains the field, by its name in the header or else by its number, and the reason. The failure that
/// wraps this error contains the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidCsv {
    field: Option<usize>,
    name: Option<String>,
    reason: String,
}

impl InvalidCsv {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { field: None, name: None, reason: reason.into() }
    }

    fn in_field(field: usize, reason: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(reason) }
    }

    /// The text behind a closing quote.
    pub(super) fn behind_quote(field: usize) -> Self {
        Self::in_field(
            field,
            "text stands behind the closing quote: inside of a quoted field a quote is written twice",
        )
    }

    /// The end of the text inside of quotes.
    pub(super) fn open_quote(field: usize, line: u64) -> Self {
        Self::in_field(field, format!("the quote that opens on line {line} is not closed"))
    }

    pub(super) fn no_text(field: usize) -> Self {
        Self::in_field(field, "invalid UTF-8: if the file is in another encoding, decode it first")
    }

    /// The error of a file in another format, whose first record is `header`.
    pub(super) fn of_another_format(header: &[String]) -> Option<Self> {
        let first = header.first()?.trim_start();
        let is_json =
            matches!(first, "{" | "[" | "[]") || first.starts_with("{\"") || first.starts_with("[{");
        let is_markup = ["<!", "<?", "<html", "<HTML"].iter().any(|tag| first.starts_with(tag));
        match (is_json, is_markup) {
            (true, _) => {
                Some(Self::new("the text is JSON, and CSV is expected: `from_json_lines` reads JSON lines"))
            }
            (_, true) => {
                Some(Self::new("the text is HTML or XML, and CSV is expected: is it the page of an error?"))
            }
            _ => None,
        }
    }

    pub(super) fn other_length(length: usize, expected: usize) -> Self {
        let fields = if length == 1 { "field" } else { "fields" };
        Self::new(format!("{length} {fields} where {expected} are expected"))
    }

    /// The same error with the index of its field, unless it has one.
    pub(super) fn at_field(mut self, field: usize) -> Self {
        self.field.get_or_insert(field);
        self
    }

    /// The same error with the name of its field.
    pub(super) fn named(mut self, header: Option<&[String]>) -> Self {
        if let (Some(header), Some(field)) = (header, self.field) {
            self.name = header.get(field).cloned();
        }
        self
    }

    /// The same error with `name` as the name of its field.
    pub(super) fn under(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// The same error with more words behind its reason.
    pub(super) fn with(mut self, more: impl fmt::Display) -> Self {
        self.reason = format!("{}{more}", self.reason);
        self
    }

    /// The same error with the names of the header, if it says that a field is missing.
    pub(super) fn with_names(self, header: Option<&[String]>) -> Self {
        match header {
            Some(header) if self.reason.starts_with("missing field") && header.len() > 1 => {
                self.with(format_args!("; the header has {}", names(header)))
            }
            _ => self,
        }
    }

    /// The index of the field, from 0, if one field is invalid.
    #[must_use]
    pub fn field(&self) -> Option<usize> {
        self.field
    }

    /// The name of that field in the header.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The reason, without the field.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// The first names, as in "`n`, `text`".
pub(super) fn names<N: AsRef<str>>(names: &[N]) -> String {
    let few = names.iter().take(20).map(|name| format!("`{}`", name.as_ref()));
    let more = if names.len() > 20 { ", .." } else { "" };
    format!("{}{more}", few.collect::<Vec<_>>().join(", "))
}

impl fmt::Display for InvalidCsv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, self.field) {
            (Some(name), _) => write!(f, "field `{name}`: {}", self.reason),
            (None, Some(field)) => write!(f, "field {}: {}", field + 1, self.reason),
            (None, None) => f.write_str(&self.reason),
        }
    }
}

impl Error for InvalidCsv {}

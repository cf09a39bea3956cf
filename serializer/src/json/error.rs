//! What is wrong with a text.

use thiserror::Error;

/// A text that Python's `json.loads` refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{message} at byte {offset}")]
pub struct SyntaxError {
    offset: usize,
    message: &'static str,
    is_limit: bool,
}

impl SyntaxError {
    pub(super) fn malformed(offset: usize, message: &'static str) -> Self {
        Self { offset, message, is_limit: false }
    }

    pub(super) fn limit(offset: usize, message: &'static str) -> Self {
        Self { offset, message, is_limit: true }
    }

    /// Where it was noticed, in bytes from the start of the text.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether the text is well-formed as far as it was read, but nested too deeply, or holds an integer with too
    /// many digits.
    ///
    /// Python tells the two apart as well: what is malformed is a `JSONDecodeError`, which callers expect and catch;
    /// a limit is a `RecursionError` or a plain `ValueError`, which they do not.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        self.is_limit
    }
}

/// Two objects that cannot be merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MergeError {
    /// The stored text cannot be read.
    #[error("the stored text is not JSON")]
    Stored(#[source] SyntaxError),
    /// The stored text is a list, a string or another value without keys.
    #[error("the stored text is JSON, but not an object")]
    StoredNotAnObject,
    /// The text to merge into it cannot be read.
    #[error("the current text is not JSON")]
    Current(#[source] SyntaxError),
    /// The text to merge into it has no keys.
    #[error("the current text is JSON, but not an object")]
    CurrentNotAnObject,
}

const _: () = {
    const fn is_an_error<E: std::error::Error + Send + Sync + 'static>() {}
    is_an_error::<SyntaxError>();
    is_an_error::<MergeError>();
};

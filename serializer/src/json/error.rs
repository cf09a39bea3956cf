//! The errors of reading and merging JSON text.

use thiserror::Error;

/// The error for a text that Python's `json.loads` rejects.
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

    /// The position of the error, in bytes from the start of the text.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Returns `true` if the text is well-formed up to [`offset`](Self::offset), but nests too deeply or holds an
    /// integer with too many digits.
    ///
    /// Python distinguishes the two as well. Malformed text is a `JSONDecodeError`, which callers expect and catch. A
    /// limit is a `RecursionError` or a plain `ValueError`, which they do not catch.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        self.is_limit
    }
}

/// The error for two texts that cannot be merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MergeError {
    /// The stored text is not JSON.
    #[error("the stored text is not JSON")]
    Stored(#[source] SyntaxError),
    /// The stored text is a list, a string or another value that has no keys.
    #[error("the stored text is JSON, but not an object")]
    StoredNotAnObject,
    /// The text to merge into the stored text is not JSON.
    #[error("the current text is not JSON")]
    Current(#[source] SyntaxError),
    /// The text to merge into the stored text is not an object.
    #[error("the current text is JSON, but not an object")]
    CurrentNotAnObject,
}

const _: () = {
    const fn is_an_error<E: std::error::Error + Send + Sync + 'static>() {}
    is_an_error::<SyntaxError>();
    is_an_error::<MergeError>();
};

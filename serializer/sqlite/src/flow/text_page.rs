//! `TextPage`: a page of rows whose texts share one allocation.

use std::sync::Arc;

/// Rows whose texts are collected in one string. When the page is full, all texts get one shared allocation.
#[derive(Debug)]
pub(super) struct TextPage<R> {
    text: String,
    rows: Vec<R>,
}

impl<R> TextPage<R> {
    /// The number of rows in a page. The rows of a page keep its text alive, so it is small. The size of a chunk is a
    /// multiple of it, so that no partial page is in memory while a chunk is processed.
    pub(super) const ROWS: usize = 25;

    /// The limit of bytes.
    const BYTES: usize = 128 * 1024;

    /// Creates an empty page with room for `bytes` bytes of text.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), rows: Vec::with_capacity(Self::ROWS) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= Self::ROWS || self.text.len() >= Self::BYTES
    }

    pub(super) fn push(&mut self, row: R) {
        self.rows.push(row);
    }

    /// Calls `write`, which appends the texts of a row. If it fails, the appended text is removed.
    pub(super) fn append<T, E>(&mut self, write: impl FnOnce(&mut String) -> Result<T, E>) -> Result<T, E> {
        let start = self.text.len();
        let written = write(&mut self.text);
        if written.is_err() {
            self.text.truncate(start);
        }
        written
    }

    /// Drops the rows and their texts.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.text.clear();
    }

    /// Moves the rows to `rows`, each with the text of the page, and starts again.
    pub(super) fn empty_into<T>(&mut self, rows: &mut impl Extend<T>, with_text: impl Fn(R, &Arc<str>) -> T) {
        let text: Arc<str> = Arc::from(self.text.as_str());
        rows.extend(self.rows.drain(..).map(|row| with_text(row, &text)));
        if self.text.capacity() > 2 * Self::BYTES {
            // Such a large text is rare, so its memory is freed.
            self.text = String::new();
        }
        self.text.clear();
    }
}

impl<R> Default for TextPage<R> {
    fn default() -> Self {
        Self { text: String::new(), rows: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::TextPage;

    #[test]
    fn a_failed_row_leaves_no_text() {
        let mut page = TextPage::default();
        for (text, fits) in [("one", true), ("two", false), ("three", true)] {
            let written = page.append(|page| {
                page.push_str(text);
                if fits { Ok(page.len()) } else { Err(()) }
            });
            if let Ok(end) = written {
                page.push(end);
            }
        }
        let mut rows = Vec::new();
        page.empty_into(&mut rows, |end, text| text[..end].to_owned());
        assert_eq!(rows, ["one", "onethree"]);
        assert!(page.is_empty());
    }
}

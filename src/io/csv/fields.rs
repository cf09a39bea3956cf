//! `Fields`: the fields of one CSV record, as they were read.

/// The fields of one record, in one buffer that is used again.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// The texts of all fields, one behind the other, and free space behind them.
    buffer: Vec<u8>,
    written: usize,
    ends: Vec<End>,
}

/// The end of a field in the buffer.
#[derive(Debug, Clone, Copy)]
struct End {
    at: usize,
    is_quoted: bool,
}

impl Fields {
    /// The memory that a field takes besides its text.
    pub(super) const BYTES_OF_AN_END: usize = size_of::<End>();

    pub(super) fn clear(&mut self) {
        self.written = 0;
        self.ends.clear();
    }

    /// Free space, at least one byte, for the text of the open field.
    pub(super) fn space(&mut self) -> &mut [u8] {
        if self.written == self.buffer.len() {
            self.buffer.resize((self.buffer.len() * 2).max(256), 0);
        }
        &mut self.buffer[self.written..]
    }

    /// `count` bytes of the free space have been written.
    pub(super) fn wrote(&mut self, count: usize) {
        self.written += count;
    }

    /// Ends the open field.
    pub(super) fn end(&mut self, is_quoted: bool) {
        self.ends.push(End { at: self.written, is_quoted });
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The fields as texts.
    ///
    /// # Errors
    ///
    /// The index of the first field that is not UTF-8.
    pub(super) fn as_texts(&self) -> Result<Texts<'_>, usize> {
        let at = match std::str::from_utf8(&self.buffer[..self.written]) {
            // Two fields that are valid together may be invalid by themselves.
            Ok(text) => match self.ends.iter().position(|end| !text.is_char_boundary(end.at)) {
                None => return Ok(Texts { text, ends: &self.ends, trims: false }),
                Some(field) => return Err(field),
            },
            Err(error) => error.valid_up_to(),
        };
        Err(self.ends.iter().position(|end| at < end.at).unwrap_or(self.ends.len().saturating_sub(1)))
    }
}

/// The fields of one record as texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts<'r> {
    text: &'r str,
    ends: &'r [End],
    trims: bool,
}

impl<'r> Texts<'r> {
    /// The same fields, without the white space around those that are not quoted.
    pub(super) fn trimmed(self, trims: bool) -> Self {
        Self { trims, ..self }
    }

    pub(super) fn len(self) -> usize {
        self.ends.len()
    }

    /// The text of the field with this index.
    pub(super) fn get(self, index: usize) -> Option<&'r str> {
        let end = self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1].at };
        let text = &self.text[start..end.at];
        Some(if self.trims && !end.is_quoted { text.trim() } else { text })
    }

    /// `true` if the field with this index is quoted.
    pub(super) fn is_quoted(self, index: usize) -> bool {
        self.ends.get(index).is_some_and(|end| end.is_quoted)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'r str> {
        (0..self.len()).filter_map(move |index| self.get(index))
    }
}

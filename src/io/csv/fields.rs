//! `Fields`: the fields of one CSV record, as they were read.

/// The fields of one record, in one buffer that is used again.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// The texts of all fields, one behind the other, and free space behind them.
    buffer: Vec<u8>,
    written: usize,
    /// The ends of the fields in the buffer, and free space behind them.
    ends: Vec<usize>,
    ended: usize,
    /// `true` for each quoted field. Empty if none is quoted.
    quoted: Vec<bool>,
}

impl Fields {
    /// The memory that a field takes besides its text.
    pub(super) const BYTES_OF_AN_END: usize = size_of::<usize>();

    pub(super) fn clear(&mut self) {
        self.written = 0;
        self.ended = 0;
        self.quoted.clear();
    }

    /// Free space for the text of the next fields, and for their ends: at least one byte, and one end.
    pub(super) fn space(&mut self) -> (&mut [u8], &mut [usize]) {
        if self.written == self.buffer.len() {
            self.buffer.resize((self.buffer.len() * 2).max(256), 0);
        }
        if self.ended == self.ends.len() {
            self.ends.resize((self.ends.len() * 2).max(32), 0);
        }
        (&mut self.buffer[self.written..], &mut self.ends[self.ended..])
    }

    /// Adds `bytes` of text and `ends` of fields that were written to the free space.
    pub(super) fn wrote(&mut self, bytes: usize, ends: usize) {
        self.written += bytes;
        self.ended += ends;
    }

    /// The number of fields that have ended.
    pub(super) fn len(&self) -> usize {
        self.ended
    }

    /// The number of bytes of all fields.
    pub(super) fn text_length(&self) -> usize {
        self.written
    }

    /// The list that says of each field if it is quoted, to be filled.
    pub(super) fn quoted(&mut self) -> &mut Vec<bool> {
        &mut self.quoted
    }

    /// The fields as texts.
    ///
    /// # Errors
    ///
    /// The index of the first field that is not UTF-8.
    pub(super) fn as_texts(&self) -> Result<Texts<'_>, usize> {
        let ends = &self.ends[..self.ended];
        let at = match std::str::from_utf8(&self.buffer[..self.written]) {
            Ok(text) => {
                // Two fields that are valid together may be invalid by themselves.
                let split = |&end: &usize| !text.is_char_boundary(end);
                match ends.iter().position(split) {
                    None => return Ok(Texts { text, ends, quoted: &self.quoted, trims: false }),
                    Some(field) => return Err(field),
                }
            }
            Err(error) => error.valid_up_to(),
        };
        Err(ends.iter().position(|&end| at < end).unwrap_or(ends.len().saturating_sub(1)))
    }
}

/// The fields of one record as texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts<'r> {
    text: &'r str,
    ends: &'r [usize],
    quoted: &'r [bool],
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
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        let text = &self.text[start..end];
        Some(if self.trims && !self.is_quoted(index) { text.trim() } else { text })
    }

    /// `true` if the field with this index is quoted.
    pub(super) fn is_quoted(self, index: usize) -> bool {
        self.quoted.get(index) == Some(&true)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'r str> {
        (0..self.len()).filter_map(move |index| self.get(index))
    }
}

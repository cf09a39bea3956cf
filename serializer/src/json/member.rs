//! The members of a JSON object, as positions in the output text.

use std::cmp::Ordering;

/// A range of bytes in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    pub(super) fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }
}

/// The positions of a key, with its quotes, and of its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) key: Span,
    pub(super) value: Span,
}

impl Member {
    /// The text between the key and the value.
    pub(super) fn separator(&self) -> Span {
        Span { start: self.key.end, end: self.value.start }
    }

    /// Compares two keys: first their lengths, then their text. Most keys of an object differ in length.
    ///
    /// Every string has one canonical form, so equal keys have equal text.
    pub(super) fn compare_keys(&self, other: &Self, text: &str) -> Ordering {
        let (mine, theirs) = (self.key.of(text), other.key.of(text));
        mine.len().cmp(&theirs.len()).then_with(|| mine.cmp(theirs))
    }
}

/// The largest number of members that is compared pair by pair, without sorting.
pub(super) const FEW: usize = 16;

/// Fills `order` with the indices of `members`, sorted by key, and by position where keys are equal.
///
/// A sorted list has two advantages over a hash table: its memory is reused for the next object, and no choice of keys
/// makes it slow.
pub(super) fn sort_by_key(members: &[Member], text: &str, order: &mut Vec<usize>) {
    order.clear();
    order.extend(0..members.len());
    order.sort_unstable_by(|&a, &b| members[a].compare_keys(&members[b], text).then(a.cmp(&b)));
}

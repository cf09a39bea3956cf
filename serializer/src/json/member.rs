//! The members of an object, as positions in the text that they were written to.

use std::cmp::Ordering;

/// A part of a text.
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

/// A key, with its quotes, and its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) key: Span,
    pub(super) value: Span,
}

impl Member {
    /// What stands between the two.
    pub(super) fn separator(&self) -> Span {
        Span { start: self.key.end, end: self.value.start }
    }

    /// Orders keys for searching. Lengths first: most keys of an object differ there.
    ///
    /// Equal text is an equal key, for every string has one canonical form.
    pub(super) fn compare_keys(&self, other: &Self, text: &str) -> Ordering {
        let (mine, theirs) = (self.key.of(text), other.key.of(text));
        mine.len().cmp(&theirs.len()).then_with(|| mine.cmp(theirs))
    }
}

/// Up to this many members are compared one by one, without sorting.
pub(super) const FEW: usize = 16;

/// The order of `members` by key, and of those with equal keys by position.
///
/// A sorted list rather than a hash table: it keeps its memory from object to object, and no choice of keys is slow.
pub(super) fn sort_by_key(members: &[Member], text: &str, order: &mut Vec<usize>) {
    order.clear();
    order.extend(0..members.len());
    order.sort_unstable_by(|&a, &b| members[a].compare_keys(&members[b], text).then(a.cmp(&b)));
}

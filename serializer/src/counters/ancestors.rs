//! `Ancestors`: the entries of a sorted map whose keys are prefixes of the current key.

/// A stack of keys, each of which is a prefix of the next, with a value for each.
///
/// Keys arrive in ascending order. All keys between a prefix and its continuation in that order begin with the prefix as
/// well, so the prefixes of a key are exactly those that are left on the stack when it arrives.
pub(super) struct Ancestors<'a, T> {
    path: Vec<(&'a str, T)>,
}

impl<'a, T> Ancestors<'a, T> {
    pub(super) fn new() -> Self {
        Self { path: Vec::new() }
    }

    /// Removes the keys that are not prefixes of `key`, and returns the rest, the shortest first. A key that equals `key`
    /// stays.
    pub(super) fn of(&mut self, key: &str) -> &[(&'a str, T)] {
        while self.path.last().is_some_and(|(prefix, _)| !key.starts_with(prefix)) {
            self.path.pop();
        }
        &self.path
    }

    /// Adds `key`, for which [`of`](Self::of) was called last.
    pub(super) fn push(&mut self, key: &'a str, value: T) {
        self.path.push((key, value));
    }
}

//! `Share`: the items that one worker has taken in advance, and its results that nobody has collected yet.

use std::collections::VecDeque;

use super::desk::{Desk, Made};

/// The items that one worker has taken in advance, and its results that nobody has collected yet. Each with its number.
pub(super) struct Share<T, U> {
    pub(super) waiting: VecDeque<(u64, T)>,
    pub(super) made: Vec<(u64, Made<U>)>,
}

impl<T, U> Share<T, U> {
    pub(super) const fn new() -> Self {
        Self { waiting: VecDeque::new(), made: Vec::new() }
    }

    /// Moves the results to the desk. Results of forgotten items stay, because their `drop` is code of the user.
    pub(super) fn hand_over(&mut self, desk: &mut Desk<T, U>) {
        let place = |(number, made)| desk.accept(number, made).map(|made| (number, made));
        let forgotten: Vec<_> = self.made.drain(..).filter_map(place).collect();
        self.made.extend(forgotten);
    }
}

//! The dependency order of a profile's models and the rules for it, evaluated at compile time.
//!
//! `profile!` calls these functions in constants. Computing the order never fails. So each mistake is reported once, by
//! [`check_model`](Listing::check_model), at the model that causes it.

use crate::const_message::{Message, equal};
use crate::model::definition::Model;

/// The models of a profile, as listed, and the references between them.
#[derive(Debug)]
pub struct Listing<const N: usize> {
    profile: &'static str,
    /// The types of the models, as written in the program.
    types: [&'static str; N],
    /// The profiles that each model declares. The empty name for a model whose declaration does not compile.
    profiles: [&'static [&'static str]; N],
    models: [&'static Model; N],
    /// `refers[a][b]` is `true` if model `a` refers to model `b`.
    refers: [[bool; N]; N],
}

impl<const N: usize> Listing<N> {
    /// Creates the listing of the profile named `profile`. The other arguments have one element for each model.
    #[must_use]
    pub const fn new(
        profile: &'static str,
        types: [&'static str; N],
        profiles: [&'static [&'static str]; N],
        models: [&'static Model; N],
    ) -> Self {
        let mut refers = [[false; N]; N];
        let mut from = 0;
        while from < N {
            let mut to = 0;
            while to < N {
                refers[from][to] = from != to && contains(models[from].dependencies, models[to].name);
                to += 1;
            }
            from += 1;
        }
        Self { profile, types, profiles, models, refers }
    }

    /// Returns the positions of the models in dependency order: each model after those that it refers to, and otherwise
    /// as listed. Models in a circle come last.
    #[must_use]
    pub const fn order(&self) -> [usize; N] {
        let mut order = [0; N];
        let mut placed = [false; N];
        let mut length = 0;
        while length < N {
            let next = match self.first(&placed, true) {
                Some(next) => next,
                None => match self.first(&placed, false) {
                    Some(next) => next,
                    None => return order,
                },
            };
            placed[next] = true;
            order[length] = next;
            length += 1;
        }
        order
    }

    /// Returns the models in dependency [`order`](Self::order).
    #[must_use]
    pub const fn in_order(&self) -> [&'static Model; N] {
        let order = self.order();
        let mut models = self.models;
        let mut index = 0;
        while index < N {
            models[index] = self.models[order[index]];
            index += 1;
        }
        models
    }

    /// The first model that is not `placed`. With `free`, all models that it refers to must be placed.
    const fn first(&self, placed: &[bool; N], free: bool) -> Option<usize> {
        let mut index = 0;
        while index < N {
            let is_blocked = free && self.waits(index, placed);
            if !placed[index] && !is_blocked {
                return Some(index);
            }
            index += 1;
        }
        None
    }

    /// `true` if `model` refers to a model that is not placed yet.
    const fn waits(&self, model: usize, placed: &[bool; N]) -> bool {
        let mut other = 0;
        while other < N {
            if self.refers[model][other] && !placed[other] {
                return true;
            }
            other += 1;
        }
        false
    }

    /// Checks the model at `index`.
    ///
    /// # Panics
    ///
    /// If the model declares another profile, has the name or the rows of a model before it, refers to a model that is
    /// not listed, or is the first model of a circle. In a constant, the compiler reports the panic's message.
    #[track_caller]
    pub const fn check_model(&self, index: usize) {
        let profiles = self.profiles[index];
        if self.compiles(index) && !contains(profiles, self.profile) {
            let mut message = self
                .message()
                .quoted(self.types[index])
                .text(" says that it belongs to the profile ")
                .quoted(profiles[0]);
            let mut other = 1;
            while other < profiles.len() {
                message = message.text(" or ").quoted(profiles[other]);
                other += 1;
            }
            message.panic();
        }
        let mut before = 0;
        while before < index {
            if equal(self.models[before].name, self.models[index].name) {
                self.message()
                    .quoted(self.types[before])
                    .text(" and ")
                    .quoted(self.types[index])
                    .text(" are both named ")
                    .quoted(self.models[index].name)
                    .panic();
            }
            if self.compiles(index) && self.compiles(before) && self.share_rows(before, index) {
                self.message()
                    .quoted(self.types[before])
                    .text(" and ")
                    .quoted(self.types[index])
                    .text(" are both of the table ")
                    .quoted(self.models[index].table)
                    .text("; tell their rows apart, by `discriminator(..)`")
                    .panic();
            }
            before += 1;
        }
        let dependencies = self.models[index].dependencies;
        let mut dependency = 0;
        while dependency < dependencies.len() {
            if !self.lists(dependencies[dependency]) {
                self.message()
                    .quoted(self.types[index])
                    .text(" refers to the model ")
                    .quoted(dependencies[dependency])
                    .text(", which is not listed")
                    .panic();
            }
            dependency += 1;
        }
        self.check_circle(index);
    }

    /// Checks that every model has the column that decides about conflicts, by its name or its key.
    ///
    /// # Panics
    ///
    /// If one has not. In a constant, the compiler reports the panic's message.
    #[track_caller]
    pub const fn check_last(&self, by: &str) {
        let mut index = 0;
        while index < N {
            let columns = self.models[index].columns;
            let mut column = 0;
            while column < columns.len()
                && !equal(columns[column].name, by)
                && !equal(columns[column].key, by)
            {
                column += 1;
            }
            if self.compiles(index) && column == columns.len() {
                self.message()
                    .text("decides conflicts by ")
                    .quoted(by)
                    .text(", and ")
                    .quoted(self.types[index])
                    .text(" has no such synced field")
                    .panic();
            }
            index += 1;
        }
    }

    /// Returns `true` if the declaration of the model at `index` compiles.
    const fn compiles(&self, index: usize) -> bool {
        !contains(self.profiles[index], "")
    }

    /// Returns `true` if the two models share a table and no discriminator separates their rows.
    const fn share_rows(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.models[one], self.models[other]);
        if !one.table.eq_ignore_ascii_case(other.table) {
            return false;
        }
        match (one.discriminator, other.discriminator) {
            (Some(one), Some(other)) => equal(one.column, other.column) && equal(one.value, other.value),
            _ => true,
        }
    }

    const fn lists(&self, name: &str) -> bool {
        let mut index = 0;
        while index < N {
            if equal(self.models[index].name, name) {
                return true;
            }
            index += 1;
        }
        false
    }

    /// Searches for a path from `start` back to `start` through models that are listed behind it. So exactly one model
    /// of a circle, the first, reports it.
    #[track_caller]
    const fn check_circle(&self, start: usize) {
        // A breadth-first search along the references, backwards. `towards[m]` is the next model on the path from `m`
        // to `start`, so the path that starts at `start` is the circle in forward direction.
        let mut towards = [N; N];
        let mut queue = [0; N];
        queue[0] = start;
        let (mut head, mut tail) = (0, 1);
        while head < tail {
            let to = queue[head];
            head += 1;
            let mut from = start;
            while from < N {
                if self.refers[from][to] && towards[from] == N {
                    towards[from] = to;
                    if from == start {
                        self.panic_circle(start, &towards);
                    }
                    queue[tail] = from;
                    tail += 1;
                }
                from += 1;
            }
        }
    }

    #[track_caller]
    const fn panic_circle(&self, start: usize, towards: &[usize; N]) -> ! {
        let mut message =
            self.message().text("these models refer to each other in a circle: ").quoted(self.types[start]);
        let mut next = towards[start];
        loop {
            message = message.text(" -> ").quoted(self.types[next]);
            if next == start {
                message.panic();
            }
            next = towards[next];
        }
    }

    const fn message(&self) -> Message {
        Message::new().text("profile ").quoted(self.profile).text(": ")
    }
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut index = 0;
    while index < names.len() {
        if equal(names[index], name) {
            return true;
        }
        index += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::Listing;
    use crate::model::Model;

    const BOOK: &Model = &Model::new("book", "book", &[]).dependencies(&["shelf"]);
    const SHELF: &Model = &Model::new("shelf", "shelf", &[]);
    const NOTE: &Model = &Model::new("note", "note", &[]).dependencies(&["book", "author"]);
    const AUTHOR: &Model = &Model::new("author", "author", &[]);

    fn names<const N: usize>(models: [&'static Model; N]) -> [&'static str; N] {
        Listing::new("test", [""; N], [&["test"] as &[&str]; N], models).in_order().map(|model| model.name)
    }

    fn message<const N: usize>(
        models: [&'static Model; N],
        types: [&'static str; N],
        index: usize,
    ) -> String {
        let listing = Listing::new("test", types, [&["test"] as &[&str]; N], models);
        let panic = std::panic::catch_unwind(|| listing.check_model(index)).unwrap_err();
        panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|m| (*m).into()))
            .unwrap()
    }

    #[test]
    fn a_model_comes_after_what_it_refers_to() {
        assert_eq!(names([NOTE, BOOK, SHELF, AUTHOR]), ["shelf", "book", "author", "note"]);
        assert_eq!(names([AUTHOR, SHELF, BOOK, NOTE]), ["author", "shelf", "book", "note"]);
    }

    #[test]
    fn a_listing_without_mistakes_passes() {
        let listing = Listing::new(
            "test",
            ["Note", "Book", "Shelf", "Author"],
            [&["test"] as &[&str]; 4],
            [NOTE, BOOK, SHELF, AUTHOR],
        );
        for index in 0..4 {
            listing.check_model(index);
        }
    }

    #[test]
    fn what_is_not_listed_is_named() {
        assert_eq!(
            message([NOTE, AUTHOR], ["Note", "Author"], 0),
            "profile `test`: `Note` refers to the model `book`, which is not listed"
        );
    }

    #[test]
    fn a_model_of_another_profile_is_refused() {
        let listing = Listing::new("test", ["Shelf"], [&["furniture"]], [SHELF]);
        let panic = std::panic::catch_unwind(|| listing.check_model(0)).unwrap_err();
        assert_eq!(
            panic.downcast_ref::<String>().unwrap(),
            "profile `test`: `Shelf` says that it belongs to the profile `furniture`"
        );
    }

    #[test]
    fn two_models_of_one_name_are_told_apart_by_their_types() {
        assert_eq!(
            message([AUTHOR, AUTHOR], ["Author", "Writer"], 1),
            "profile `test`: `Author` and `Writer` are both named `author`"
        );
    }

    #[test]
    fn two_models_of_the_same_rows_are_refused() {
        const WRITER: &Model = &Model::new("writer", "Author", &[]);
        assert_eq!(
            message([AUTHOR, WRITER], ["Author", "Writer"], 1),
            "profile `test`: `Author` and `Writer` are both of the table `Author`; tell their rows apart, by \
             `discriminator(..)`"
        );
    }

    #[test]
    fn the_first_of_a_circle_spells_it() {
        const A: &Model = &Model::new("a", "a", &[]).dependencies(&["b", "d"]);
        const B: &Model = &Model::new("b", "b", &[]).dependencies(&["c"]);
        const C: &Model = &Model::new("c", "c", &[]).dependencies(&["a"]);
        const D: &Model = &Model::new("d", "d", &[]);
        let types = ["D", "A", "B", "C"];
        assert_eq!(
            message([D, A, B, C], types, 1),
            "profile `test`: these models refer to each other in a circle: `A` -> `B` -> `C` -> `A`"
        );
        let listing = Listing::new("test", types, [&["test"] as &[&str]; 4], [D, A, B, C]);
        for index in [0, 2, 3] {
            listing.check_model(index);
        }
    }
}

//! A key that a method borrows from its item.
//!
//! For a field, `|note| &note.title`, the types show that the key borrows from the item, and syncline has a message of its own. For a
//! method only the lifetimes differ, and no trait can tell them apart: a key that borrows from data that outlives the item, as with
//! `from_iter(&notes)`, has the same type and is valid. A bound on the key, such as `'static`, would refuse both, with rustc's
//! message as well. So the message is rustc's.

use syncline::{Collect, from_iter, pipeline};

struct Note {
    title: String,
}

pipeline! {
    /// This one is fine: the notes outlive the run.
    Fine<'a>(notes: &'a [Note]) -> Vec<&'a Note> {
        from_iter(notes) => dedup(|note| note.title.as_str()) => Collect::new()
    }
}

pipeline! {
    Borrowed(notes: Vec<Note>) -> Vec<Note> {
        from_iter(notes) => dedup(|note| note.title.as_str()) => Collect::new()
    }
}

fn main() {}

//! A key that is borrowed from its item, by a method.
//!
//! Where it is a field, `|note| &note.title`, what it is borrowed from shows in the types, and the message is ours. What a
//! method borrows from shows in lifetimes alone, and no trait tells lifetimes apart: a key that is borrowed from what
//! outlives the item, as of `from_iter(&notes)`, has the same type and is fine. A bound on the key, such as `'static`, would
//! refuse both, in rustc's words as well. So the message is that of rustc.

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

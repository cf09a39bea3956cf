use syncline::prelude::*;

struct Note {
    title: String,
}

pipeline! {
    Notes(notes: Vec<Note>) -> u64 {
        from_iter(notes) => distinct(last: 1000, |note| &note.title) => count
    }
}

fn main() {}

use syncline::{Collect, from_iter, pipeline};

struct Note {
    title: String,
}

pipeline! {
    /// This one is fine: the key is an owned value.
    Fine(notes: Vec<Note>) -> Vec<Note> {
        from_iter(notes) => dedup(|note| note.title.clone()) => Collect::new()
    }
}

pipeline! {
    Borrowed(notes: Vec<Note>) -> Vec<Note> {
        from_iter(notes) => dedup(|note| &note.title) => Collect::new()
    }
}

fn main() {}

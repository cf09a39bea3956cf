use syncline::prelude::*;

struct Note {
    id: u64,
}

struct Page {
    note: String,
}

pipeline! {
    Joined(notes: Vec<Note>, pages: Vec<Page>) -> u64 {
        from_iter(notes) => merge_join(from_iter(pages), |note| note.id, |page| page.note.clone()) => count
    }
}

fn main() {}

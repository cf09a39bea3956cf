use syncline::prelude::*;

struct Page {
    title: String,
}

pipeline! {
    Joined(notes: Vec<Page>, pages: Vec<Page>) -> u64 {
        from_iter(notes) => merge_join(from_iter(pages), |note| &note.title, |page| &page.title) => count
    }
}

fn main() {}

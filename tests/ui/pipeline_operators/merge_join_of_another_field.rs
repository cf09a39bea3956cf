use syncline::prelude::*;

struct Page {
    title: String,
}

pipeline! {
    Joined(notes: Vec<String>, pages: Vec<Page>) -> u64 {
        from_iter(notes) => merge_join(from_iter(pages), |note| note.clone(), |page| page.titel.clone()) => count
    }
}

fn main() {}

use syncline::prelude::*;

pipeline! {
    Joined(notes: Vec<u64>, pages: Vec<u64>) -> u64 {
        from_iter(notes) => merge_join(pages, |note| *note, |page| *page) => count
    }
}

fn main() {}

use syncline::prelude::*;

pipeline! {
    Joined(notes: Vec<u64>, pages: Vec<u64>) -> u64 {
        from_iter(notes) => merge_join(|note| *note, |page| *page, from_iter(pages)) => count
    }
}

fn main() {}

use syncline::prelude::*;

pipeline! {
    Joined(notes: Vec<u64>, pages: Vec<u64>) -> u64 {
        from_iter(notes) => merge_join(from_iter(pages), |note| *note) => count
    }
}

fn main() {}

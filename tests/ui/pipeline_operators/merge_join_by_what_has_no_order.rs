use syncline::prelude::*;

pipeline! {
    Joined(notes: Vec<f64>, pages: Vec<f64>) -> u64 {
        from_iter(notes) => merge_join(from_iter(pages), |note| *note, |page| *page) => count
    }
}

fn main() {}

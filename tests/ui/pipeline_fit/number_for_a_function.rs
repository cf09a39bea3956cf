use syncline::prelude::*;

syncline::pipeline! {
    Lengths(words: Vec<u64>) -> Vec<u64> {
        from_iter(words) => map(5) => Collect::new()
    }
}

fn main() {}

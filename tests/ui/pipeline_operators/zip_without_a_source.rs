use syncline::prelude::*;

pipeline! {
    Pairs(words: Vec<String>) -> u64 {
        from_iter(words) => zip => count
    }
}

fn main() {}

use syncline::prelude::*;

pipeline! {
    Pairs(words: Vec<String>) -> Vec<(String, u64)> {
        from_iter(words) => zip(from_iter(5_u64)) => map(|(word, n)| (word, n + 1)) => collect
    }
}

fn main() {}

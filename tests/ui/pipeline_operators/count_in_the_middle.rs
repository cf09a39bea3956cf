use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> Vec<u64> {
        from_iter(words) => count => collect
    }
}

fn main() {}

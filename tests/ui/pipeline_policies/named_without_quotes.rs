use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => filter(|word| !word.is_empty()) named full => count
    }
}

fn main() {}

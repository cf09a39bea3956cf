use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => count(|word| word.is_empty())
    }
}

fn main() {}

use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => distinct(|word| word.len()) => count
    }
}

fn main() {}

use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => timeout(10) => map(|word| word.len()) => count
    }
}

fn main() {}

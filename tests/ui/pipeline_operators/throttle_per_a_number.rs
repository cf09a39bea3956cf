use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => throttle(100, per: 10) => map(|word| word.len()) => count
    }
}

fn main() {}

use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => fold(0, |sum, n: u64| sum + n)
    }
}

fn main() {}

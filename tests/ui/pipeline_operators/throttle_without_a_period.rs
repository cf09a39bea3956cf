use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => throttle(100) => count
    }
}

fn main() {}

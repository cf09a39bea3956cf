use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => count commit every(10)
    }
}

fn main() {}

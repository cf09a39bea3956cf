use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => sum
    }
}

fn main() {}

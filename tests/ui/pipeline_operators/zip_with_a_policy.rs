use syncline::prelude::*;

pipeline! {
    Pairs(words: Vec<String>) -> u64 {
        from_iter(words) => zip(from_iter(0..)) on_error skip(1) => count
    }
}

fn main() {}

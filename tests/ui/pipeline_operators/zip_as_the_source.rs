use syncline::prelude::*;

pipeline! {
    Pairs(words: Vec<String>, more: Vec<String>) -> u64 {
        zip([from_iter(words), from_iter(more)]) => count
    }
}

fn main() {}

use std::collections::HashMap;
use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> HashMap<String, u64> {
        from_iter(words) => map(|word| word.len()) => collect
    }
}

fn main() {}

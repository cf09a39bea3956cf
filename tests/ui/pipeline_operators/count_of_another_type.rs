use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> usize {
        from_iter(words) => map(|word| word.len()) => count
    }
}

fn main() {}

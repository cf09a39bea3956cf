use syncline::prelude::*;

fn length(word: String) -> usize {
    word.len()
}

syncline::pipeline! {
    Lengths(words: Vec<u64>) -> Vec<usize> {
        from_iter(words) => map(length) => Collect::new()
    }
}

fn main() {}

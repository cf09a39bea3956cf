use syncline::prelude::*;

pipeline! {
    Pairs(words: Vec<String>, more: Vec<String>) -> Vec<(String, String)> {
        from_iter(words) => zip(more) => filter(|(word, _)| word.is_empty()) => collect
    }
}

fn main() {}

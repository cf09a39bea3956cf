use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>, measured: bool) -> Vec<usize> {
        from_iter(words) => map(|word| word.len()) when(measured) => filter(|n| *n > 1) => collect
    }
}

fn main() {}

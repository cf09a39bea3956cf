use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) {
        from_iter(words) => collect
    }
}

fn main() {}

use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => count on_error skip(10)
    }
}

fn main() {}

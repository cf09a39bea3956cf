use syncline::prelude::*;

struct Nothing;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => Nothing named "nothing" => filter(|word| !word.is_empty()) named "full" => count
    }
}

fn main() {}

use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>, on: bool) -> u64 {
        from_iter(words) when(on) => filter(|word| !word.is_empty()) => count when(on)
    }
}

fn main() {}

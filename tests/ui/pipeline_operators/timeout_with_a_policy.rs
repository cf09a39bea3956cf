use std::time::Duration;
use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => timeout(Duration::from_millis(10)) on_error skip(10) => count
    }
}

fn main() {}

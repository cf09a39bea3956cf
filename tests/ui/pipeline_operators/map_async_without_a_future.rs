use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Lengths(words: Vec<String>) -> Vec<usize> {
        from_iter(words) => map_async(8, |word| word.len()) => Collect::new()
    }
}

pipeline! {
    Numbers(words: Vec<String>) -> Vec<u64> {
        from_iter(words) => try_map_async(8, |word| Ok(word.parse::<u64>()?)) => map(|n| n + 1) => Collect::new()
    }
}

fn main() {}

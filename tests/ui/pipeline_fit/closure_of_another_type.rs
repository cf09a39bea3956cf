use syncline::prelude::*;

syncline::pipeline! {
    /// Each closure names a type that it is not given.
    Lengths(words: Vec<u64>) -> Vec<Vec<usize>> {
        from_iter(words)
            => filter(|word: &String| !word.is_empty())
            => scan(0_u8, |count: &mut usize, word: u64| {
                *count += 1;
                word
            })
            => flat_map(|word: String| word.into_bytes())
            => map(|byte| usize::from(byte))
            => buffer(10, by: |length: &String| length.len())
            => Collect::new()
    }
}

fn main() {}

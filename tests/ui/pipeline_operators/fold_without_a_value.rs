use syncline::prelude::*;

pipeline! {
    Numbers(numbers: Vec<u64>) -> u64 {
        from_iter(numbers) => fold(|sum, n| sum + n)
    }
}

fn main() {}

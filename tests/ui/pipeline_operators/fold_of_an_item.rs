use syncline::prelude::*;

pipeline! {
    Numbers(numbers: Vec<u64>) -> u64 {
        from_iter(numbers) => fold(0, |n| n)
    }
}

fn main() {}

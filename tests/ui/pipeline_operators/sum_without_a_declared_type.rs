use syncline::prelude::*;

pipeline! {
    Numbers(numbers: Vec<u64>) {
        from_iter(numbers) => sum
    }
}

fn main() {}

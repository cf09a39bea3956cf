use syncline::prelude::*;

pipeline! {
    Numbers(numbers: Vec<u64>) -> u32 {
        from_iter(numbers) => sum on_error skip(10)
    }
}

fn main() {}

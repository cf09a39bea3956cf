use syncline::prelude::*;

pipeline! {
    Sorted(numbers: Vec<u8>) -> u64 {
        from_iter(numbers)
            => sort(|n| *n)
            => sort(0, |n| *n)
            => count
    }
}

fn main() {}

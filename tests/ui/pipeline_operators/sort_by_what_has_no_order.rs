use syncline::prelude::*;

pipeline! {
    Sorted(numbers: Vec<f64>) -> u64 {
        from_iter(numbers)
            => sort(1000, |n| *n)
            => filter(|n| *n > 1.0)
            => count
    }
}

fn main() {}

use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        merge([from_iter(0..10_u64)], |n| *n) => Collect::new()
    }
}

fn main() {}

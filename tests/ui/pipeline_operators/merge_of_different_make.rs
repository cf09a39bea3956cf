use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers(numbers: Vec<u64>) -> Vec<u64> {
        merge([from_iter(numbers), from_iter(0..10_u64)]) => Collect::new()
    }
}

fn main() {}

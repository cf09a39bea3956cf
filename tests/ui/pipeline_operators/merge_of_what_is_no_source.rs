use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers(numbers: Vec<u64>) -> Vec<u64> {
        merge([from_iter(numbers), 5]) => Collect::new()
    }
}

fn main() {}

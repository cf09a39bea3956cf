use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        chain(from_iter(0..10_u64)) => Collect::new()
    }
}

fn main() {}

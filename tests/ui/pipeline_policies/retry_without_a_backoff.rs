use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => Collect::new() on_error retry(3)
    }
}

fn main() {}

use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => take while(|n| *n < 5)
            => filter map(|n| n.checked_sub(2))
            => Collect::new()
    }
}

fn main() {}

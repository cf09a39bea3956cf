use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| n + 1) parallel(2) on_error skip(10)
            => Collect::new()
    }
}

fn main() {}

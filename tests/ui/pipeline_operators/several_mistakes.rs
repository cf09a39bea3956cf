use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => buffer(0)
            => unbuffer(1)
            => map
            => take(5) on_error fail
            => buffer(5, weight: 6)
            => Collect::new()
    }
}

fn main() {}

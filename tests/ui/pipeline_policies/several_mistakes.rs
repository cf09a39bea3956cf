use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64) on_error fail
            => map(|n| n + 1) on_error skip(1)
            => filter(|n| n % 2 == 0) parallel(2)
            => Collect::new() on_error ignore
    }
}

fn main() {}

use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => filter(|n| n % 2 == 0) parallel(2)
            => Collect::new()
    }
}

fn main() {}

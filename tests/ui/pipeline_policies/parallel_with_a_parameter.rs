use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|_, n| n) parallel(2, with: |n| Ok(n))
            => map(|n| n + 1)
            => Collect::new()
    }
}

fn main() {}

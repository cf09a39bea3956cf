use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|state: &mut u64, n| n + *state) parallel(2, with: || 5_u64)
            => map(|n| n + 1)
            => Collect::new()
    }
}

fn main() {}

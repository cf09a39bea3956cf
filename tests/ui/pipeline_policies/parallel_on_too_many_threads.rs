use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| n + 1) parallel(1025)
            => map(|n| n + 1) parallel(18_446_744_073_709_551_616)
            => Collect::new()
    }
}

fn main() {}

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(threads: u64) -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| n + 1) parallel(threads)
            => Collect::new()
    }
}

fn main() {}

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(n: u64) -> Vec<u64> {
        from_iter(0..10_u64)
            => take(n)
            => Collect::new()
    }
}

fn main() {}

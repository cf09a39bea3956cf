use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => map(async |n| n + 1) => Collect::new()
    }
}

pipeline! {
    Blocks() -> Vec<u64> {
        from_iter(0..10_u64) => map(|n| async move { n + 1 }) => Collect::new()
    }
}

fn main() {}

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => buffer(5) => map(|n| n + 1) => Collect::new()
    }
}

fn main() {}

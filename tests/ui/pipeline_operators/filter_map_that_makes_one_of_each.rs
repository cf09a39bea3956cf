use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => filter_map(|n| n + 1)
            => map(|n| n.pow(2))
            => Collect::new()
    }
}

fn main() {}

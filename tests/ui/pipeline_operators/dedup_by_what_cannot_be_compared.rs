use syncline::{Collect, from_iter, pipeline};

struct Key(u64);

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => dedup(|n| Key(*n)) => map(|n| n + 1) => Collect::new()
    }
}

fn main() {}

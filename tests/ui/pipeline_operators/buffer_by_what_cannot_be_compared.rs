use syncline::{Collect, from_iter, pipeline};

struct Key(u64);

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => buffer(5, by: |n| Key(*n)) => unbuffer => map(|n| n + 1) => Collect::new()
    }
}

fn main() {}

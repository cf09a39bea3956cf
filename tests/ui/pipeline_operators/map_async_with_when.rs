use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => map_async(8, |n| async move { n + 1 }) when(true) => Collect::new()
    }
}

fn main() {}

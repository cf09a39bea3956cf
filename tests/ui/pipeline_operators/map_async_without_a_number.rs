use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => map_async(|n| async move { n + 1 }) => Collect::new()
    }
}

pipeline! {
    Zero() -> Vec<u64> {
        from_iter(0..10_u64) => map_async_unordered(0, |n| async move { n + 1 }) => Collect::new()
    }
}

pipeline! {
    Swapped() -> Vec<u64> {
        from_iter(0..10_u64) => try_map_async(|n| async move { Ok(n + 1) }, 8) => Collect::new()
    }
}

fn main() {}

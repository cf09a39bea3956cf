//! An operator that awaits futures, without the feature `futures`.

use syncline::prelude::*;

pipeline! {
    Doubled(numbers: Vec<u64>) -> u64 {
        from_iter(numbers)
            => map_async(8, |n| async move { n * 2 })
            => try_map_async_unordered(8, |n| async move { Ok(n) }) on_error skip(1)
            => count
    }
}

fn main() {
    let _ = Doubled::run(vec![1]);
}

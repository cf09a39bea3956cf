use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => map_async(8, |n| async move { n + 1 }) on_error skip(1) => Collect::new()
    }
}

pipeline! {
    Split() -> Vec<usize> {
        from_iter(0..10_u64)
            => buffer(2)
            => try_map_async(8, |chunk| async move { Ok(chunk.len()) }) on_error split skip(1)
            => Collect::new()
    }
}

fn main() {}

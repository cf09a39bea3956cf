use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => buffer(bytes: 65536, of: |n| n * 8)
            => unbuffer
            => Collect::new()
    }
}

fn main() {}

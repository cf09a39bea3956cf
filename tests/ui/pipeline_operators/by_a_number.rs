use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => buffer(500, by: 10)
            => unbuffer
            => Collect::new()
    }
}

fn main() {}

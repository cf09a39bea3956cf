use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => buffer(bytes: 0, of: |_| 8)
            => unbuffer
            => Collect::new()
    }
}

fn main() {}

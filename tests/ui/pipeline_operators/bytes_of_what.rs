use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => buffer(500, bytes: 65536)
            => unbuffer
            => Collect::new()
    }
}

fn main() {}

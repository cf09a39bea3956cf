use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers(chunk: usize) -> Vec<u64> {
        from_iter(0..10_u64)
            => buffer(chunk)
            => unbuffer
            => Collect::new()
    }
}

fn main() {}

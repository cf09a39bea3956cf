use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => buffer(500, by: |n| n / 10, within: std::time::Duration::MAX)
            => unbuffer
            => Collect::new()
    }
}

fn main() {}

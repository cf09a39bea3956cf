use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => buffer(5, by: |n| n / 10, by: |n| n / 20)
            => unbuffer
            => Collect::new()
    }
}

fn main() {}

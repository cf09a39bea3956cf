use syncline::{Collect, from_iter};

pub struct Load;

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => try_map(|n| Ok(n)) on_error with(Load)
            => map(|n| n + 1)
            => Collect::new()
    }
}

fn main() {}

use syncline::{Collect, from_iter, pipeline};

struct Load;

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => filter(Load)
            => Collect::new()
    }
}

fn main() {}

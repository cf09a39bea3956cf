use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => let limit = 5 => Collect::new()
    }
}

fn main() {}

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    pub fn Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => Collect::new()
    }
}

fn main() {}

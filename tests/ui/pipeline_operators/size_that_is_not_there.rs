use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<Vec<u64>> {
        from_iter(0..10) => buffer(CHUNK) => Collect::new()
    }
}

fn main() {}

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => filter(|| true)
            => Collect::new()
    }
}

fn main() {}

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => Collect::new() on_error retry(3, std::time::Duration::ZERO, cap)
    }
}

fn main() {}

use std::time::Duration;

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => try_map(|n| Ok(n.to_string().parse::<u64>()?)) on_error retry(3, Duration::ZERO, within: 2.5)
            => Collect::new()
    }
}

fn main() {}

//! A hundred and twenty stages without a buffer: more than one type can have within the compiler's limit on recursion.

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Many() -> Vec<u64> {
        from_iter(0..2_u64)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1) => map(|n| n + 1)
            => Collect::new()
    }
}

fn main() {
    assert_eq!(Many::run().unwrap().output, [120, 121]);
}

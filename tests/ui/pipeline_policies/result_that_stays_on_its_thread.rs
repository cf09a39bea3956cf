use std::rc::Rc;

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| Rc::new(n)) parallel(2)
            => map(|n| *n)
            => Collect::new()
    }
}

fn main() {}

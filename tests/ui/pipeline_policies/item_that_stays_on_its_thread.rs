use std::rc::Rc;

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| Rc::new(n))
            => map(|n| *n) parallel(2)
            => Collect::new()
    }
}

fn main() {}

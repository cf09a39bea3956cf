use std::rc::Rc;

use syncline::{Collect, from_iter, pipeline};

fn open(n: Rc<u64>) -> u64 {
    *n
}

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| Rc::new(n))
            => map(open) parallel(2)
            => map(|n| n + 1)
            => Collect::new()
    }
}

fn main() {}

use std::rc::Rc;

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| Rc::new(n))
            => try_map(|n: Rc<u64>| Ok(*n)) parallel(2) on_error skip(1)
            => filter(|n| n % 2 == 0)
            => Collect::new()
    }
}

fn main() {}

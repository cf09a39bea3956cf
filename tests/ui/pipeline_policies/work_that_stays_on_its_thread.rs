use std::cell::Cell;

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => map({
                let sum = Cell::new(0);
                move |n| {
                    sum.set(sum.get() + n);
                    n
                }
            }) parallel(2)
            => Collect::new()
    }
}

fn main() {}

use std::rc::Rc;
use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers(shared: Rc<u64>) -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|state, n| n + *state) parallel(2, with: || Ok(*shared))
            => map(|n| n + 1)
            => Collect::new()
    }
}

fn main() {}

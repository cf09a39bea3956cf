//! An unknown name is a custom stage, whose name may be similar to an operator's: `tap` is as near to `map` as `fliter` to
//! `filter`. So rustc resolves the name, and reports it if it does not exist.

use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => fliter(|n| *n > 1)
            => Collect::new()
    }
}

fn main() {}

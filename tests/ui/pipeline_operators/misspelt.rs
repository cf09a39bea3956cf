//! What is no operator is a stage of one's own, which may be named like one: `tap` is as near to `map` as `fliter` to
//! `filter`. Which names there are is for rustc to say, before anything has a type, and so it does here.

use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => fliter(|n| *n > 1)
            => Collect::new()
    }
}

fn main() {}

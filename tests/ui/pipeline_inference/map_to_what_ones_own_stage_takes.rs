//! `into` makes whatever is wanted, and a stage says what it takes too late to be asked.

use syncline::{Collect, Halt, Transform, from_iter, pipeline};

struct Load;

impl Transform for Load {
    type In = u64;
    type Out = u64;

    fn transform(&mut self, n: u64) -> Result<Option<u64>, Halt> {
        Ok(Some(n))
    }
}

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u32) => map(|n| n.into()) => Load => Collect::new()
    }
}

fn main() {}

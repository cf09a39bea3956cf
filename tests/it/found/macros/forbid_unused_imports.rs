#![forbid(unused_imports)]
use syncline::prelude::*;
pipeline! { pub Doubled() -> Vec<u32> { from_iter(0..3_u32) => map(|n| n * 2) => tee(for_each(|_n: u32| Ok(()))) => Collect::new() } }
fn main() {
    println!("{:?}", Doubled::run().map(|done| done.output));
}

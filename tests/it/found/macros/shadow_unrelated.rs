#![warn(clippy::shadow_unrelated)] // cargo clippy
use syncline::prelude::*;
pipeline! { pub Teed(a: &mut Vec<u32>) -> Vec<u32> { from_iter(0..10_u32) => tee(for_each(|n: u32| { a.push(n); Ok(()) })) => Collect::new() } }
fn main() {
    let _ = Teed::run(&mut Vec::new());
}

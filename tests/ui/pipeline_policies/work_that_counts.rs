//! A closure that several threads call at once changes nothing that it captures.
//!
//! That it must not is what the compiler reads the closure with: a closure is known to be called in one way from the start,
//! and it is what it changes that is then found to be wrong, where it is. Read as one that may change something it could
//! never be called by several threads, whatever it does. So the message is rustc's.

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(seen: &mut u64) -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| { *seen += 1; n }) parallel(2)
            => Collect::new()
    }
}

fn main() {}

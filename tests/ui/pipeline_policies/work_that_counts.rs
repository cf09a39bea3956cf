//! Several threads call the closure at once, so it cannot use exclusive state.
//!
//! For a closure that a call returns, as in `map(counting(seen))`, the macro cannot see this, and the message is that of its bound.

use std::sync::atomic::{AtomicU64, Ordering};

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    /// This one is fine: several threads may add to an atomic counter.
    Fine(seen: &AtomicU64) -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| { seen.fetch_add(1, Ordering::Relaxed); n }) parallel(2)
            => Collect::new()
    }
}

pipeline! {
    Numbers(seen: &mut u64) -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| { *seen += 1; n }) parallel(2)
            => Collect::new()
    }
}

pipeline! {
    Kept(seen: &mut Vec<u64>, limit: &mut u64) -> Vec<u64> {
        from_iter(0..10_u64)
            => try_map(|n| { seen.push(n); Ok(n.min(*limit)) }) parallel(2) on_error skip(1)
            => Collect::new()
    }
}

fn main() {}

//! Several threads call the closure at once, so it uses nothing that there is one of at a time.
//!
//! Behind a call, as in `map(counting(seen))`, it does not show, and the message is that of the closure's bound.

use std::sync::atomic::{AtomicU64, Ordering};

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    /// This one is fine: what is shared may be counted up by several.
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

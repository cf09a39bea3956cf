//! `into` can return any type, and no later piece decides which.
//!
//! A custom stage, the sink, the declared output or a typed closure would decide it. A closure that calls a method of the item
//! needs the type before that, and the message is rustc's: a bound on an unknown type is neither satisfied nor violated, so a
//! message of syncline's is never shown. A rule could depend on whether the type is known. But it cannot know whether the type
//! will be known later, or is unknown because of another mistake, in
//! which case this would be a second error.

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    /// This one is fine: the closure has a return type.
    Fine() -> Vec<u64> {
        from_iter(0..10_u32) => map(|n| u64::from(n)) => map(|n| n.pow(2)) => Collect::new()
    }
}

pipeline! {
    Undecided() -> Vec<u64> {
        from_iter(0..10_u32) => map(|n| n.into()) => map(|n| n.pow(2)) => Collect::new()
    }
}

fn main() {}

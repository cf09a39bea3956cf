//! `into` makes whatever is wanted, and nothing behind it says what that is.
//!
//! A stage of one's own, the sink, what the pipeline declares, and a closure that names its type each say it, and then this
//! compiles. A closure that asks something of the item first needs an answer, and the message is rustc's: a rule about a type
//! that is not known is neither kept nor broken, so a message of ours is never shown. To pick a rule by whether the type
//! is known is possible, but it cannot be told whether it will be, nor whether it is unknown because of another mistake,
//! of which this would be a second error.

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    /// This one is fine: the closure says what it makes.
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

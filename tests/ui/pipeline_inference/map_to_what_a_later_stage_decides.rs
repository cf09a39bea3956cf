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

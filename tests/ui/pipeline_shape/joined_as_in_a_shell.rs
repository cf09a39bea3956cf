use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Bars() -> Vec<u64> {
        from_iter(0..10_u64) | map(|n| n + 1) | Collect::new()
    }
}

pipeline! {
    Shifts(first: u64) -> Vec<u64> {
        from_iter(0..10_u64) >> map(|n| n + first) => Collect::new()
    }
}

// An operation on numbers joins no stages.
pipeline! {
    Bits(a: u64, b: u64) -> Vec<u64> {
        from_iter([a | b, a >> b]) => map(|n| n | 1) => Collect::new()
    }
}

fn main() {}

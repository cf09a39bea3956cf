use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Enumerated() -> Vec<u64> {
        from_iter(0..10_u64) => enumerate => Collect::new()
    }
}

pipeline! {
    InChunks() -> Vec<u64> {
        from_iter(0..10_u64) => chunks => Collect::new()
    }
}

pipeline! {
    Collected() -> Vec<u64> {
        from_iter(0..10_u64) => collect
    }
}

pipeline! {
    ForEach() -> u64 {
        from_iter(0..10_u64) => for_each
    }
}

pipeline! {
    Misspelt() -> Vec<u64> {
        from_iter(0..10_u64) => fliter => Collect::new()
    }
}

fn main() {}

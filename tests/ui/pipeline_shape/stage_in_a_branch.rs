use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(fast: bool) -> Vec<u64> {
        from_iter(0..10_u64)
            => if fast { map(|n| n + 1) } else { map(|n| n + 2) }
            => Collect::new()
    }
}

fn main() {}

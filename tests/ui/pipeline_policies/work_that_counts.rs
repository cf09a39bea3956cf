use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(seen: &mut u64) -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| { *seen += 1; n }) parallel(2)
            => Collect::new()
    }
}

fn main() {}

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => filter(|n| {
                if *n > 1 {
                    return 1;
                }
                0
            })
            => Collect::new()
    }
}

fn main() {}

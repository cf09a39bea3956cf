use syncline::{from_iter, pipeline};

pipeline! {
    Lengths(): u64 -> u64 {
        from_iter(0..10_u64) => map(|n| n + 1)
    }
}

fn main() {}

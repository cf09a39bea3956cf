use syncline::{Collect, pipeline};

pipeline! {
    Lengths(): u64 -> u64 {
        map(|n| n + 1) => Collect::new()
    }
}

fn main() {}

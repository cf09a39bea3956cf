use syncline::{Collect, from_iter, pipeline};

pipeline! {
    #![another(crate = syncline)]
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => Collect::new()
    }
}

fn main() {}

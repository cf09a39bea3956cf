use syncline::{Collect, from_iter, pipeline};

fn double(n: u64) -> u64 {
    n * 2
}

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => double => self::double => Collect::new()
    }
}

fn main() {}

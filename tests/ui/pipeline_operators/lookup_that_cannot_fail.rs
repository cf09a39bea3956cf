use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => buffer(5)
            => lookup(|chunk| vec![true; chunk.len()])
            => unbuffer
            => map(|(n, _)| n)
            => Collect::new()
    }
}

fn main() {}

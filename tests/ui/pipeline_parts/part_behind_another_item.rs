use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Lengths(): String -> usize {
        map(|text| text.len())
    }
}

pipeline! {
    Numbers() -> Vec<usize> {
        from_iter(0..10_u64) => through(Lengths) => map(|n| n + 1) => Collect::new()
    }
}

fn main() {}

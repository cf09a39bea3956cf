use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<Vec<u64>> {
        from_iter(0..10_u64)
            => chunk_while(500, |item| *item > 1)
            => Collect::new()
    }
}

fn main() {}

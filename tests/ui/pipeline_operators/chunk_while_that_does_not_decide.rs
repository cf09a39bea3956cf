use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<Vec<u64>> {
        from_iter(0..10_u64)
            => chunk_while(500, |previous, next| previous + next)
            => Collect::new()
    }
}

fn main() {}

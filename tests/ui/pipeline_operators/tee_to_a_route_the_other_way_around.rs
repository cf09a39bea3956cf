use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => tee(route(|_| 0, [Collect::new()]))
            => Collect::new()
    }
}

fn main() {}

use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() {
        from_iter(0..10_u64)
            => Collect::new()
    }
}

fn main() {}

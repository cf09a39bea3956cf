use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers -> Vec<u64> {
        from_iter(0..10) => Collect::new()
    }
}

fn main() {}

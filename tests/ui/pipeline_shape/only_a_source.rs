use syncline::from_iter;

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10)
    }
}

fn main() {}

use syncline::from_iter;

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10)
            => map(|n| n + 1)
            =>
    }
}

fn main() {}

use syncline::Collect;

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        map(|n| n + 1)
            => Collect::new()
    }
}

fn main() {}

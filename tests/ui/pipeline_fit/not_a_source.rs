use syncline::Collect;

syncline::pipeline! {
    pub Numbers(numbers: Vec<u64>) -> Vec<u64> {
        numbers
            => map(|n| n + 1)
            => Collect::new()
    }
}

fn main() {}

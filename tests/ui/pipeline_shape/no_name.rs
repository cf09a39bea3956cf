syncline::pipeline! {
    pub (n: u64) -> Vec<u64> {
        syncline::from_iter(0..n) => syncline::Collect::new()
    }
}

fn main() {}

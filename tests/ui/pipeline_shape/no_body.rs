syncline::pipeline! {
    pub Numbers() -> Vec<u64>;
}

fn main() {}

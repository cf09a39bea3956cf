syncline::pipeline! {
    pub Numbers() {}
}

fn main() {}

use syncline::pipeline;

pipeline! {
    Lengths(): String -> u64 {}
}

fn main() {}

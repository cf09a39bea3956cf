use syncline::pipeline;

pipeline! {
    Lengths(): u64 -> u64 {
        map(|n| n + 1) commit once
    }
}

fn main() {}

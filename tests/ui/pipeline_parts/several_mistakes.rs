use syncline::pipeline;

pipeline! {
    Lengths(): String -> u64 {
        => map(|text| text.length()) => filter(|n| n % 2) =>
    }
}

fn main() {}

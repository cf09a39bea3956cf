use syncline::pipeline;

pipeline! {
    Lengths(): String -> u64 {
        map(|text| text.len())
    }
}

fn main() {}

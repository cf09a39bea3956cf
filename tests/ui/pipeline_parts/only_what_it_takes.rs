use syncline::pipeline;

pipeline! {
    Lengths(): String {
        map(|text| text.len())
    }
}

fn main() {}

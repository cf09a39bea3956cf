use syncline::pipeline;

pipeline! {
    #[syncline(unmetered)]
    Lengths(): String -> usize {
        map(|text| text.len())
    }
}

fn main() {}

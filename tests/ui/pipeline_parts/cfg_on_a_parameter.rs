use syncline::pipeline;

pipeline! {
    Lengths(#[cfg(unix)] longest: usize): String -> usize {
        map(|text| text.len())
    }
}

fn main() {}

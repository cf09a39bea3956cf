use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Lengths(): String -> usize {
        map(|text| text.len())
    }
}

pipeline! {
    Numbers(words: Vec<String>) -> Vec<String> {
        from_iter(words) => through => Collect::new()
    }
}

fn main() {}

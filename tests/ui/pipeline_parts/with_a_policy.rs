use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Lengths(): String -> usize {
        map(|text| text.len())
    }
}

pipeline! {
    Numbers(words: Vec<String>) -> Vec<usize> {
        from_iter(words) => through(Lengths) on_error skip(10) => Collect::new()
    }
}

fn main() {}

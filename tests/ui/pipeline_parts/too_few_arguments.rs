use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Lengths(least: usize, most: usize): String -> usize {
        map(|text| text.len()) => filter(move |length| (least..most).contains(length))
    }
}

pipeline! {
    Numbers(words: Vec<String>) -> Vec<usize> {
        from_iter(words) => through(Lengths(5)) => map(|length| length + 1) => Collect::new()
    }
}

fn main() {}

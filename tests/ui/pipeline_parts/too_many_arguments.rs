//! The macro sees the use alone and not the part. So it is the compiler that compares
//! what it counts there with what the part says that it takes.

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Lengths(): String -> usize {
        map(|text| text.len())
    }
}

pipeline! {
    Numbers(words: Vec<String>) -> Vec<usize> {
        from_iter(words) => through(Lengths(5)) => Collect::new()
    }
}

fn main() {}

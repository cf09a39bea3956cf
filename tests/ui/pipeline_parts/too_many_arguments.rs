//! What a part is given is counted by the compiler in the call that the macro writes. The macro sees the use alone and not the
//! part, so it cannot count for itself, and a count in a trait would be an error besides this one.

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

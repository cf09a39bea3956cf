//! The macro sees only the use of a part, not its declaration. So the compiler compares the number
//! of arguments with the number of parameters.

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

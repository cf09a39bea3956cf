use syncline::{Collect, from_iter, pipeline};

struct Nothing;

pipeline! {
    Numbers(words: Vec<String>) -> Vec<usize> {
        from_iter(words)
            => through(Nothing(5, "five"))
            => map(|length| length + 1)
            => buffer(5)
            => unbuffer
            => Collect::new()
    }
}

fn main() {}

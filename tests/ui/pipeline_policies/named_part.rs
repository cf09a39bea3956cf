use syncline::prelude::*;

pipeline! {
    Tidy() : String -> String { map(|word| word.to_lowercase()) }
}

pipeline! {
    Words(words: Vec<String>) -> u64 {
        from_iter(words) => through(Tidy) named "tidy" => count
    }
}

fn main() {}

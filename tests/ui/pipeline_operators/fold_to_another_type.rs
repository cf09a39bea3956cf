use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> String {
        from_iter(words) => fold(String::new(), |text, word| text.len() + word.len())
    }
}

fn main() {}

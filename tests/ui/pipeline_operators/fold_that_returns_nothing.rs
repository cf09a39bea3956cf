use syncline::prelude::*;

pipeline! {
    Words(words: Vec<String>) -> String {
        from_iter(words) => fold(String::new(), |mut text, word| {
            text.push_str(&word);
        })
    }
}

fn main() {}

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Words(text: &str, stop: &str) -> Vec<&str> {
        from_iter(text.split(' ')) => take_while(|word| *word != stop) => Collect::new()
    }
}

pipeline! {
    Named<'a>(text: &'a str, stop: &str) -> Vec<&str> {
        from_iter(text.split(' ')) => take_while(|word| *word != stop) => Collect::new()
    }
}

fn main() {}

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Texts<T>(items: Vec<T>) -> Vec<String> {
        from_iter(items) => map(|item| item.to_string()) => Collect::new()
    }
}

fn main() {}

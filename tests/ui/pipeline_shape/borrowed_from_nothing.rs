use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Words(count: usize) -> Vec<&str> {
        from_iter(["a", "b"]) => take(count) => Collect::new()
    }
}

fn main() {}

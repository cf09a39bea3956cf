use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Names(names: Vec<(String, u64)>) -> Vec<(String, u64)> {
        merge([from_iter(names), from_iter(Vec::new())], by: |named| &named.0) => Collect::new()
    }
}

fn main() {}

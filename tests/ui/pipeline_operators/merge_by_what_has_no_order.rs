use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers() -> Vec<f64> {
        merge([from_iter(vec![0.5]), from_iter(vec![1.5])], by: |n| *n) => Collect::new()
    }
}

fn main() {}

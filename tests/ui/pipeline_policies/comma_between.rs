use std::time::Duration;

use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers(texts: Vec<&'static str>) -> Vec<u64> {
        from_iter(texts)
            => try_map(|text| Ok(text.parse()?)) on_error retry(3, Duration::ZERO), on_error skip(10)
            => Collect::new()
    }
}

fn main() {}

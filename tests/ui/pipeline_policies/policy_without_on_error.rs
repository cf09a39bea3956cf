use std::time::Duration;

use syncline::policy::Letter;
use syncline::{Collect, for_each, from_iter};

syncline::pipeline! {
    pub Tried(texts: Vec<&'static str>) -> Vec<u64> {
        from_iter(texts)
            => try_map(|text| Ok(text.parse()?)) retry(3, Duration::ZERO)
            => Collect::new()
    }
}

syncline::pipeline! {
    pub PutAway(texts: Vec<&'static str>) -> Vec<u64> {
        from_iter(texts)
            => try_map(|text| Ok(text.parse()?)) dead_letter(for_each(|_: Letter<&'static str>| Ok(())))
            => Collect::new() fail
    }
}

fn main() {}

use syncline::sink::collect_into;
use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(texts: &mut Vec<String>) -> Vec<u64> {
        from_iter(0..10_u64) => tee(collect_into::<String, _>(texts)) => Collect::new()
    }
}

fn main() {}

use syncline::sink::DiscardOutput;
use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(texts: DiscardOutput<Collect<String>>) -> Vec<u64> {
        from_iter(0..10_u64) => tee(texts) => Collect::new()
    }
}

fn main() {}

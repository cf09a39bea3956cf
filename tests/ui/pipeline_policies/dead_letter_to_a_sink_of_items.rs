use syncline::sink::DiscardOutput;
use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(items: DiscardOutput<Collect<u64>>) -> Vec<u64> {
        from_iter(0..10_u64)
            => buffer(5)
            => unbuffer
            => Collect::new() on_error dead_letter(items)
    }
}

fn main() {}

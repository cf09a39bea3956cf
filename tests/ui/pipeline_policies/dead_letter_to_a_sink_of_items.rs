use syncline::sink::collect_into;
use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(items: &mut Vec<u64>) -> Vec<u64> {
        from_iter(0..10_u64)
            => buffer(5)
            => unbuffer
            => Collect::new() on_error dead_letter(collect_into::<u64, _>(items))
    }
}

fn main() {}

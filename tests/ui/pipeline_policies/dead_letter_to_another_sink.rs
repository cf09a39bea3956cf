use syncline::policy::Letter;
use syncline::sink::CollectInto;
use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(letters: CollectInto<Letter<String>, &mut Vec<Letter<String>>>) -> Vec<u64> {
        from_iter(0..10_u64)
            => try_map(|n| Ok(n.checked_sub(5).ok_or(std::fmt::Error)?)) on_error dead_letter(letters)
            => map(|n| n + 1)
            => Collect::new()
    }
}

fn main() {}

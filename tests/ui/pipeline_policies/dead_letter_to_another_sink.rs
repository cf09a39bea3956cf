use syncline::policy::Letter;
use syncline::sink::DiscardOutput;
use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(letters: DiscardOutput<Collect<Letter<String>>>) -> Vec<u64> {
        from_iter(0..10_u64)
            => try_map(|n| Ok(n.checked_sub(5).ok_or(std::fmt::Error)?)) on_error dead_letter(letters)
            => map(|n| n + 1)
            => Collect::new()
    }
}

fn main() {}

//! Forty stages without a buffer. The code for many items at once must be instantiated once per stage: if it were twice, forty
//! stages would need 2^40 instances.

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Long(n: u64) -> Vec<u64> {
        from_iter(0..n)
            => map(|n| n + 1) => filter(|n| *n > 1) => scan(0, |sum, n| { *sum += n; *sum }) => dedup(|n| *n)
            => filter_map(|n| n.checked_sub(1)) => inspect(|_| ()) => skip(1) => take(1000) => take_while(|_| true)
            => try_map(|n| Ok(n + 1))
            => map(|n| n + 1) => filter(|n| *n > 1) => scan(0, |sum, n| { *sum += n; *sum }) => dedup(|n| *n)
            => filter_map(|n| n.checked_sub(1)) => inspect(|_| ()) => skip(1) => take(1000) => take_while(|_| true)
            => flat_map(|n| [n])
            => map(|n| n + 1) => filter(|n| *n > 1) => scan(0, |sum, n| { *sum += n; *sum }) => dedup(|n| *n)
            => filter_map(|n| n.checked_sub(1)) => inspect(|_| ()) => skip(1) => take(1000) => take_while(|_| true)
            => try_map(|n| Ok(n + 1))
            => map(|n| n + 1) => filter(|n| *n > 1) => scan(0, |sum, n| { *sum += n; *sum }) => dedup(|n| *n)
            => filter_map(|n| n.checked_sub(1)) => inspect(|_| ()) => skip(1) => take(1000) => take_while(|_| true)
            => flat_map(|n| [n])
            => Collect::new()
    }
}

fn main() {
    assert_eq!(Long::run(9).unwrap().output.len(), 9 - 1 - 4);
}

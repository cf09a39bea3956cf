//! A long pipeline. If its type grew exponentially, it would take minutes to check, or exhaust memory.

use syncline::{Collect, from_iter, pipeline};

pipeline! {
    pub Long() -> Vec<u64> {
        from_iter(0..3_u64)
            => map(|n| n + 1)
            => filter(|n| *n < 1_000)
            => flat_map(|n| [n])
            => inspect(|n| assert!(*n < 1_000))
            => map(|n| n + 2)
            => filter(|n| *n < 1_000)
            => flat_map(|n| [n])
            => inspect(|n| assert!(*n < 1_000))
            => map(|n| n + 3)
            => filter(|n| *n < 1_000)
            => flat_map(|n| [n])
            => inspect(|n| assert!(*n < 1_000))
            => map(|n| n + 4)
            => filter(|n| *n < 1_000)
            => flat_map(|n| [n])
            => inspect(|n| assert!(*n < 1_000))
            => map(|n| n + 5)
            => filter(|n| *n < 1_000)
            => flat_map(|n| [n])
            => inspect(|n| assert!(*n < 1_000))
            => map(|n| n + 6)
            => filter(|n| *n < 1_000)
            => flat_map(|n| [n])
            => inspect(|n| assert!(*n < 1_000))
            => map(|n| n + 7)
            => filter(|n| *n < 1_000)
            => flat_map(|n| [n])
            => inspect(|n| assert!(*n < 1_000))
            => map(|n| n + 8)
            => filter(|n| *n < 1_000)
            => flat_map(|n| [n])
            => inspect(|n| assert!(*n < 1_000))
            => buffer(2)
            => unbuffer
            => buffer(2)
            => unbuffer
            => buffer(2)
            => unbuffer
            => buffer(2)
            => unbuffer
            => Collect::new()
    }
}

fn main() {
    assert_eq!(Long::STAGES.len(), 42);
    assert_eq!(Long::run().unwrap().output, [36, 37, 38]);
}

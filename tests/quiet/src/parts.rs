//! Parts, and functions of pipelines.

use syncline::Chain;
use syncline::report::Meter;
use syncline::{Collect, Pipeline, from_iter, pipeline};

pipeline! {
    /// Texts without space.
    pub Tidy(longest: usize): String -> String {
        map(|text| text.trim().to_owned()) => filter(move |text| text.len() <= longest)
    }
}

pipeline! {
    /// A part that is gone, and that nothing uses.
    #[deprecated]
    pub Past(): u64 -> u64 {
        map(|n| n)
    }
}

/// Even numbers.
pub fn even<C: Chain<Item = u64>, M: Meter>(
    pipeline: Pipeline<u64, C, M>,
) -> Pipeline<u64, impl Chain<Item = u64>, M> {
    pipeline.filter(|n| n % 2 == 0)
}

pipeline! {
    /// The lengths of texts.
    pub Lengths(texts: Vec<String>) -> Vec<u64> {
        from_iter(texts)
            => through(Tidy(80))
            => map(|text| text.len() as u64)
            => through(even)
            => through(|lengths| lengths.map(|n| n + 1))
            => Collect::new()
    }
}

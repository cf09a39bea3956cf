//! A function and a closure from a pipeline to a pipeline in a `through`.

use syncline::report::Meter;
use syncline::{Chain, Collect, Pipeline, from_iter, pipeline};

fn doubled<C: Chain<Item = u64>, M: Meter>(
    pipeline: Pipeline<u64, C, M>,
) -> Pipeline<u64, impl Chain<Item = u64>, M> {
    pipeline.map(|n| n * 2)
}

fn above<C: Chain<Item = u64>, M: Meter>(
    pipeline: Pipeline<u64, C, M>,
    least: u64,
) -> Pipeline<u64, impl Chain<Item = u64>, M> {
    pipeline.filter(move |n| *n > least)
}

pipeline! {
    Numbers(least: u64) -> Vec<u64> {
        from_iter(0..4_u64)
            => through(doubled)
            => through(above(least))
            => through(|numbers| numbers.map(|n| n + 1))
            => Collect::new()
    }
}

fn main() {
    assert_eq!(Numbers::run(2).unwrap().output, [5, 7]);
    assert_eq!(
        Numbers::graph().one_line(),
        "from_iter(0..4_u64) => through(doubled) => through(above(least)) => through(..) => Collect::new()"
    );
}

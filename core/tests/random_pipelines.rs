//! Pipelines of random stages do what the same steps do to a vector: nothing is lost or doubled, and order is kept.

use std::cell::Cell;
use std::time::Duration;

use proptest::prelude::*;
use syncline_core::{Boxed, Collect, Pipeline, from_iter, size};

#[derive(Debug, Clone)]
enum Step {
    Map(u32),
    Filter(u32),
    FlatMap(u32),
    Scan,
    Take(usize),
    TakeWhile(u32),
    Skip(usize),
    Dedup(u32),
    Parallel(usize, usize),
    Buffer(usize),
    BufferBy(usize, u32),
    BufferWeighed(usize, usize),
    BufferWithin(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let sizes = 1..8_usize;
    prop_oneof![
        any::<u32>().prop_map(Step::Map),
        (1..5_u32).prop_map(Step::Filter),
        (0..3_u32).prop_map(Step::FlatMap),
        Just(Step::Scan),
        (0..200_usize).prop_map(Step::Take),
        any::<u32>().prop_map(Step::TakeWhile),
        (0..20_usize).prop_map(Step::Skip),
        (1..5_u32).prop_map(Step::Dedup),
        (1..3_usize, 0..5_usize).prop_map(|(workers, capacity)| Step::Parallel(workers, capacity)),
        sizes.clone().prop_map(Step::Buffer),
        (sizes.clone(), 1..5_u32).prop_map(|(size, key)| Step::BufferBy(size, key)),
        (sizes.clone(), sizes.clone()).prop_map(|(size, limit)| Step::BufferWeighed(size, limit)),
        sizes.prop_map(Step::BufferWithin),
    ]
}

/// What `step` makes of `items`.
fn expected(step: &Step, items: Vec<u32>) -> Vec<u32> {
    let items = items.into_iter();
    match *step {
        Step::Map(n) => items.map(|i| i.wrapping_mul(3) ^ n).collect(),
        Step::Filter(n) => items.filter(|i| !i.is_multiple_of(n)).collect(),
        Step::FlatMap(n) => items.flat_map(|i| (0..n).map(move |k| i.wrapping_add(k))).collect(),
        Step::Scan => items
            .scan(0_u32, |sum, i| {
                *sum = sum.wrapping_add(i);
                Some(*sum)
            })
            .collect(),
        Step::Take(n) => items.take(n).collect(),
        Step::TakeWhile(n) => items.take_while(|i| *i <= n).collect(),
        Step::Skip(n) => items.skip(n).collect(),
        Step::Dedup(n) => {
            let mut items: Vec<_> = items.collect();
            items.dedup_by_key(|i| *i / n);
            items
        }
        Step::Parallel(..) => items.map(|i| i.wrapping_add(1)).collect(),
        Step::Buffer(_) | Step::BufferBy(..) | Step::BufferWeighed(..) | Step::BufferWithin(_) => {
            items.collect()
        }
    }
}

/// `pipeline` and `step`. The length of the longest chunk that a buffer broke its bound with goes into `broken`.
fn with<'a>(
    pipeline: Pipeline<u32, Boxed<'a, u32>>,
    step: &Step,
    broken: &'a Cell<usize>,
) -> Pipeline<u32, Boxed<'a, u32>> {
    let bounded = move |chunk: &Vec<u32>, most: usize| {
        if chunk.is_empty() || chunk.len() > most {
            broken.set(broken.get().max(chunk.len() + 1));
        }
    };
    match *step {
        Step::Map(n) => pipeline.map(move |i| i.wrapping_mul(3) ^ n).boxed(),
        Step::Filter(n) => pipeline.filter(move |i| !i.is_multiple_of(n)).boxed(),
        Step::FlatMap(n) => pipeline.flat_map(move |i| (0..n).map(move |k| i.wrapping_add(k))).boxed(),
        Step::Scan => pipeline
            .scan(0_u32, |sum, i| {
                *sum = sum.wrapping_add(i);
                *sum
            })
            .boxed(),
        Step::Take(n) => pipeline.take(n).boxed(),
        Step::TakeWhile(n) => pipeline.take_while(move |i| *i <= n).boxed(),
        Step::Skip(n) => pipeline.skip(n).boxed(),
        Step::Dedup(n) => pipeline.dedup(move |i| *i / n).boxed(),
        Step::Parallel(workers, capacity) => {
            pipeline.map_parallel(size(workers), capacity, |i| i.wrapping_add(1)).boxed()
        }
        Step::Buffer(n) => pipeline.buffer(size(n)).inspect(move |c| bounded(c, n)).unbuffer().boxed(),
        Step::BufferBy(n, key) => pipeline
            .buffer_by(size(n), move |i| *i / key)
            .inspect(move |c| bounded(c, if c.iter().all(|i| i / key == c[0] / key) { n } else { 0 }))
            .unbuffer()
            .boxed(),
        Step::BufferWeighed(n, limit) => pipeline
            .buffer_weighed(size(n), size(limit), |_| 2)
            .inspect(move |c| bounded(c, n.min(limit.div_ceil(2))))
            .unbuffer()
            .boxed(),
        Step::BufferWithin(n) => {
            pipeline.buffer_within(size(n), Duration::MAX).inspect(move |c| bounded(c, n)).unbuffer().boxed()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_pipeline_does_what_its_steps_do(
        items in prop::collection::vec(0..40_u32, 0..300),
        steps in prop::collection::vec(step(), 0..10),
    ) {
        let broken = Cell::new(0);
        let mut pipeline = Pipeline::new("random", from_iter(items.clone())).boxed();
        for step in &steps {
            pipeline = with(pipeline, step, &broken);
        }
        let outcome = pipeline.end(Collect::new()).run().unwrap();
        let wanted = steps.iter().fold(items, |items, step| expected(step, items));
        prop_assert_eq!(outcome.output, wanted);
        prop_assert_eq!(broken.get(), 0, "a chunk was empty or too long");
    }
}

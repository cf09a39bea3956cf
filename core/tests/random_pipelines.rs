//! Property tests: a pipeline of random stages has the same output as the same steps on a vector.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use proptest::prelude::*;
use syncline_core::testing::{Ending, Probe, fail_if};
use syncline_core::{
    Boxed, Collect, Joined, Meter, Pipeline, Source, discard_output, from_iter, merge, merge_by, route, size,
    skip,
};

#[derive(Debug, Clone)]
enum Step {
    Map(u32),
    Filter(u32),
    FlatMap(u32),
    FilterMap(u32),
    Inspect,
    Tee,
    Lookup(usize),
    LeaveOut(u32),
    Merge,
    Scan,
    Take(usize),
    TakeWhile(u32),
    Skip(usize),
    Dedup(u32),
    Distinct(u32),
    Zip(u32),
    MergeJoin(u32),
    When(bool, u32),
    Throttle(usize),
    Timeout,
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
        (1..5_u32).prop_map(Step::FilterMap),
        Just(Step::Inspect),
        Just(Step::Tee),
        (1..8_usize).prop_map(Step::Lookup),
        (1..5_u32).prop_map(Step::LeaveOut),
        Just(Step::Merge),
        Just(Step::Scan),
        (0..200_usize).prop_map(Step::Take),
        any::<u32>().prop_map(Step::TakeWhile),
        (0..20_usize).prop_map(Step::Skip),
        (1..5_u32).prop_map(Step::Dedup),
        (1..5_u32).prop_map(Step::Distinct),
        (0..400_u32).prop_map(Step::Zip),
        (0..40_u32).prop_map(Step::MergeJoin),
        (any::<bool>(), 1..5_u32).prop_map(|(on, n)| Step::When(on, n)),
        (1..8_usize).prop_map(Step::Throttle),
        Just(Step::Timeout),
        (1..3_usize, 0..5_usize).prop_map(|(workers, capacity)| Step::Parallel(workers, capacity)),
        sizes.clone().prop_map(Step::Buffer),
        (sizes.clone(), 1..5_u32).prop_map(|(size, key)| Step::BufferBy(size, key)),
        (sizes.clone(), sizes.clone()).prop_map(|(size, limit)| Step::BufferWeighed(size, limit)),
        sizes.prop_map(Step::BufferWithin),
    ]
}

/// The expected output of `step` for `items`.
fn expected(step: &Step, items: Vec<u32>) -> Vec<u32> {
    let items = items.into_iter();
    match *step {
        Step::Map(n) => items.map(|i| i.wrapping_mul(3) ^ n).collect(),
        Step::Filter(n) => items.filter(|i| !i.is_multiple_of(n)).collect(),
        Step::FlatMap(n) => items.flat_map(|i| (0..n).map(move |k| i.wrapping_add(k))).collect(),
        Step::FilterMap(n) => items.filter_map(|i| i.checked_rem(n).filter(|rest| *rest > 0)).collect(),
        Step::Lookup(_) => items.map(|i| i.wrapping_add(i / 2)).collect(),
        Step::LeaveOut(n) => items.filter(|i| !i.is_multiple_of(n + 1)).collect(),
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
        Step::Distinct(n) => {
            let mut seen = HashSet::new();
            items.filter(|i| seen.insert(*i % (100 * n))).collect()
        }
        Step::Zip(n) => items.zip(0..n).map(|(i, k)| i ^ k).collect(),
        Step::MergeJoin(n) => {
            // The places on the left are even numbers. Those on the right are multiples of three.
            let left: BTreeMap<_, _> = (0..).step_by(2).zip(items).collect();
            let right: BTreeSet<_> = (0..n).map(|k| k * 3).collect();
            let places: BTreeSet<_> = left.keys().chain(&right).copied().collect();
            let joined = |place| match (left.get(&place), right.contains(&place)) {
                (Some(i), both) => i.wrapping_add(u32::from(both)),
                (None, _) => place,
            };
            places.into_iter().map(joined).collect()
        }
        Step::Inspect
        | Step::Tee
        | Step::Merge
        | Step::When(false, _)
        | Step::Throttle(_)
        | Step::Timeout => items.collect(),
        Step::When(true, n) => items.filter(|i| i.is_multiple_of(n)).map(|i| i / n).collect(),
        Step::Parallel(..) => items.map(|i| i.wrapping_add(1)).collect(),
        Step::Buffer(_) | Step::BufferBy(..) | Step::BufferWeighed(..) | Step::BufferWithin(_) => {
            items.collect()
        }
    }
}

/// Appends `step` to `pipeline`. A chunk that exceeds the bound of its buffer is recorded in `broken`.
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
        Step::FilterMap(n) => pipeline.filter_map(move |i| i.checked_rem(n).filter(|rest| *rest > 0)).boxed(),
        Step::Inspect => pipeline.inspect(|_| ()).boxed(),
        Step::Tee => pipeline.tee(discard_output(Collect::new())).boxed(),
        Step::Lookup(n) => pipeline
            .buffer(size(n))
            .lookup(|chunk: &[u32]| Ok(chunk.iter().map(|i| i / 2).collect::<Vec<_>>()))
            .unbuffer()
            .map(|(i, half)| i.wrapping_add(half))
            .boxed(),
        Step::LeaveOut(n) => {
            pipeline.pipe(fail_if(move |i: &u32| i.is_multiple_of(n + 1))).on_error(skip(u64::MAX)).boxed()
        }
        Step::Merge => Pipeline::new("merged", merge([pipeline])).boxed(),
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
        Step::Distinct(n) => pipeline.distinct(size(1_000_000), move |i| *i % (100 * n)).boxed(),
        Step::Zip(n) => pipeline.zip(from_iter(0..n)).map(|(i, k)| i ^ k).boxed(),
        Step::MergeJoin(n) => pipeline
            .scan(0, |next, i| {
                *next += 2;
                (*next - 2, i)
            })
            .merge_join(from_iter((0..n).map(|k| k * 3)), |(place, _)| *place, |place| *place)
            .map(|joined| match joined {
                Joined::Left((_, i)) => i,
                Joined::Both((_, i), _) => i.wrapping_add(1),
                Joined::Right(place) => place,
            })
            .boxed(),
        Step::When(is_on, n) => {
            pipeline.filter(move |i| i.is_multiple_of(n)).when(is_on).map(move |i| i / n).when(is_on).boxed()
        }
        Step::Throttle(n) => pipeline.throttle(size(n), Duration::from_nanos(1)).boxed(),
        Step::Timeout => pipeline.timeout(Duration::MAX).boxed(),
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

/// An item of the merged output: the number of its pipeline and its position there.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Item {
    input: usize,
    place: usize,
    value: u32,
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

    /// Merges several random pipelines, in turns or by a key, takes a part of the items, and routes them to one sink for each pipeline.
    /// Each sink gets the first items of its pipeline, and every inner sink is finished.
    #[test]
    fn merged_pipelines_do_what_their_steps_do_and_are_finished(
        inputs in prop::collection::vec(
            (prop::collection::vec(0..40_u32, 0..300), prop::collection::vec(step(), 0..5)),
            2..4,
        ),
        taken in prop_oneof![0..20_usize, 0..1500_usize],
        by_key in any::<bool>(),
    ) {
        let broken = Cell::new(0);
        let wanted: Vec<Vec<Item>> = inputs.iter().enumerate().map(|(input, (items, steps))| {
            let items = steps.iter().fold(items.clone(), |items, step| expected(step, items));
            items.into_iter().zip(0..).map(|(value, place)| Item { input, place, value }).collect()
        }).collect();
        let copies: Vec<Probe<Item>> = inputs.iter().map(|_| Probe::new()).collect();
        let seen: Vec<_> = copies.iter().map(Probe::seen).collect();
        let pipelines: Vec<_> = inputs.into_iter().zip(copies).enumerate().map(|(input, ((items, steps), copies))| {
            let pipeline = Pipeline::new("input", from_iter(items)).boxed();
            let pipeline = steps.iter().fold(pipeline, |pipeline, step| with(pipeline, step, &broken));
            let placed = pipeline.scan(0, move |next, value| {
                *next += 1;
                Item { input, place: *next - 1, value }
            });
            placed.tee(copies).boxed()
        }).collect();
        let merged = if by_key {
            Pipeline::new("by key", merge_by(pipelines, |item| item.place)).boxed()
        } else {
            Pipeline::new("in turns", merge(pipelines)).boxed()
        };
        let sinks = wanted.iter().map(|_| Collect::new());
        let outcome = merged.take(taken).end(route(sinks, |item: &Item| item.input)).run().unwrap();
        let all = wanted.iter().map(Vec::len).sum::<usize>();
        prop_assert_eq!(outcome.output.iter().map(Vec::len).sum::<usize>(), taken.min(all));
        let mut first_by_key: Vec<_> = wanted.concat();
        first_by_key.sort_by_key(|item| (item.place, item.input));
        first_by_key.truncate(taken);
        for (input, (given, wanted)) in outcome.output.iter().zip(&wanted).enumerate() {
            prop_assert!(wanted.starts_with(given));
            if by_key {
                prop_assert_eq!(given.len(), first_by_key.iter().filter(|item| item.input == input).count());
            }
        }
        for seen in seen {
            prop_assert_eq!(seen.ending(), Ending::Finished);
        }
        prop_assert_eq!(broken.get(), 0, "a chunk was empty or too long");
    }

    /// The items before a failure are the beginning of the expected output, and the sink of a failed run is never finished.
    #[test]
    fn a_run_that_fails_gave_the_beginning_of_what_it_would_have_given(
        items in prop::collection::vec(0..40_u32, 1..300),
        before in prop::collection::vec(step(), 0..4),
        behind in prop::collection::vec(step(), 0..4),
        fatal in 0..60_u32,
    ) {
        let broken = Cell::new(0);
        let mut pipeline = Pipeline::new("random", from_iter(items.clone())).boxed();
        for step in &before {
            pipeline = with(pipeline, step, &broken);
        }
        pipeline = pipeline.pipe(fail_if(move |i| *i == fatal)).boxed();
        for step in &behind {
            pipeline = with(pipeline, step, &broken);
        }
        let probe = Probe::new();
        let seen = probe.seen();
        let run = pipeline.end(probe).run();
        let wanted = before.iter().chain(&behind).fold(items, |items, step| expected(step, items));
        match run {
            Ok(_) => prop_assert_eq!(seen.items(), wanted),
            Err(error) => {
                prop_assert_eq!(error.stage(), Some("fail_if"));
                prop_assert_ne!(seen.ending(), Ending::Finished);
                let same = seen.items().iter().zip(&wanted).all(|(seen, wanted)| seen == wanted);
                prop_assert!(same, "{:?} is not how {:?} begins", seen.items(), wanted);
            }
        }
        prop_assert_eq!(broken.get(), 0, "a chunk was empty or too long");
    }

    /// A chain without a boxed edge passes chunks on in bulk, with the same output as item by item.
    #[test]
    fn stages_in_one_piece_do_what_they_do_one_by_one(
        items in prop::collection::vec(0..40_u32, 0..900),
        (filter, many, skipped, taken) in (1..5_u32, 0..3_u32, 0..20_usize, 0..900_usize),
        (chunk, key, weight) in (1..8_usize, 1..5_u32, 1..9_usize),
    ) {
        let given = (filter, many, skipped, taken, chunk, key, weight);
        let steps = [
            Step::Map(7), Step::Filter(filter), Step::FilterMap(3), Step::Inspect, Step::FlatMap(many), Step::Scan,
            Step::Skip(skipped), Step::Dedup(2), Step::Take(taken), Step::Tee, Step::TakeWhile(u32::MAX / 2),
        ];
        let wanted = steps.iter().fold(items.clone(), |items, step| expected(step, items));
        prop_assert_eq!(in_one_piece(Pipeline::unmetered("one piece", from_iter(items.clone())), given), &wanted[..]);
        prop_assert_eq!(in_one_piece(Pipeline::new("one piece", from_iter(items)), given), &wanted[..]);
    }
}

fn in_one_piece<S: Source<Item = u32>, M: Meter>(
    pipeline: Pipeline<u32, syncline_core::Head<S, M>, M>,
    (filter, many, skipped, taken, chunk, key, weight): (u32, u32, usize, usize, usize, u32, usize),
) -> Vec<u32> {
    let run = pipeline
        .map(|i| i.wrapping_mul(3) ^ 7)
        .filter(move |i| !i.is_multiple_of(filter))
        .filter_map(|i| i.checked_rem(3).filter(|rest| *rest > 0))
        .inspect(|_| ())
        .flat_map(move |i| (0..many).map(move |k| i.wrapping_add(k)))
        .scan(0_u32, |sum, i| {
            *sum = sum.wrapping_add(i);
            *sum
        })
        .skip(skipped)
        .dedup(|i| *i / 2)
        .take(taken)
        .tee(discard_output(Collect::new()))
        .take_while(|i| *i <= u32::MAX / 2)
        .buffer(size(chunk))
        .unbuffer()
        .buffer_by(size(chunk), move |i| *i / key)
        .unbuffer()
        .buffer_weighed(size(chunk), size(weight), |_| 2)
        .inspect(move |c| assert!(!c.is_empty() && c.len() <= chunk.min(weight.div_ceil(2))))
        .unbuffer()
        .end(Collect::new())
        .run();
    run.expect("no stage of it can fail").output
}

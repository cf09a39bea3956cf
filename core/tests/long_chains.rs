//! Long pipelines compile. If a stage's type named the type of the stages before it twice, forty stages would not.

use syncline_core::{Collect, Pipeline, from_iter, size};

macro_rules! ten {
    ($pipeline:expr) => {
        $pipeline
            .map(|n| n + 1)
            .filter(|n| n % 7 != 0)
            .inspect(|n| assert!(n % 7 != 0))
            .map(|n| n + 1)
            .filter_map(|n| n.checked_add(1))
            .map(|n| n + 1)
            .filter(|n| n % 11 != 0)
            .map(|n| n + 1)
            .flat_map(|n| [n, n + 3])
            .take(1_000_000)
    };
}

/// The expected output of the chain above for `items`.
fn expected(items: impl Iterator<Item = u64> + 'static, tens: usize) -> Vec<u64> {
    let mut items: Box<dyn Iterator<Item = u64>> = Box::new(items);
    for _ in 0..tens {
        items = Box::new(
            items
                .map(|n| n + 1)
                .filter(|n| n % 7 != 0)
                .map(|n| n + 3)
                .filter(|n| n % 11 != 0)
                .flat_map(|n| [n + 1, n + 4]),
        );
    }
    items.collect()
}

#[test]
fn forty_stages_in_one_piece() {
    let pipeline = Pipeline::new("forty", from_iter(0..100_u64));
    let output = ten!(ten!(ten!(ten!(pipeline)))).end(Collect::new()).run().unwrap().output;
    assert_eq!(output, expected(0..100, 4));
}

#[test]
fn eighty_stages_with_buffers_between() {
    let pipeline = Pipeline::new("eighty", from_iter(0..10_u64));
    let pipeline = ten!(ten!(pipeline)).buffer(size(50)).unbuffer();
    let pipeline = ten!(ten!(pipeline)).buffer(size(50)).unbuffer();
    let pipeline = ten!(ten!(pipeline)).buffer(size(50)).unbuffer();
    let pipeline = ten!(ten!(pipeline)).buffer(size(50)).unbuffer();
    let output = pipeline.end(Collect::new()).run().unwrap().output;
    assert!(!output.is_empty());
    assert_eq!(output, expected(0..10, 8));
}

#[test]
fn a_hundred_and_sixty_stages_with_boxes_between() {
    macro_rules! twenty {
        ($pipeline:expr) => {
            ten!(ten!($pipeline)).buffer(size(50)).boxed().unbuffer()
        };
    }
    let pipeline = Pipeline::new("a hundred and sixty", from_iter(0..10_u64));
    let pipeline = twenty!(twenty!(twenty!(twenty!(pipeline))));
    let pipeline = twenty!(twenty!(twenty!(twenty!(pipeline))));
    let output = pipeline.end(Collect::new()).run().unwrap().output;
    assert!(!output.is_empty());
    assert_eq!(output, expected(0..10, 16));
}

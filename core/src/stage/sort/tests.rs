use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Files, Sort, WIDTH};
use crate::stage::tests::{outputs, passes_errors_on};
use crate::testing::Probe;
use crate::{CancelToken, Collect, Error, Pipeline, for_each, from_iter, size, skip};

/// Sorts `items` by `key_of`, with `most` in memory.
fn sorted<T, K>(items: Vec<T>, most: usize, key_of: impl FnMut(&T) -> K) -> Result<Vec<T>, Error>
where
    T: Serialize + DeserializeOwned,
    K: Ord,
{
    let items = Pipeline::new("sort", from_iter(items)).sort(size(most), key_of);
    Ok(items.end(Collect::new()).run()?.output)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_sorts_as_the_stable_sort_of_a_vec(keys in prop::collection::vec(0..40_u8, 0..600), most in 1..40_usize) {
        let items: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
        let mut expected = items.clone();
        expected.sort_by_key(|item| item.0);
        prop_assert_eq!(sorted(items, most, |item| item.0).unwrap(), expected);
    }
}

#[test]
fn any_number_of_items_at_each_boundary() {
    for n in [0, 1, 6, 7, 8, 14, 15, 7 * WIDTH, 7 * WIDTH + 1, 7 * (WIDTH + 1) + 1, 7 * WIDTH * WIDTH + 8] {
        let mut expected: Vec<_> = (0..n).collect();
        expected.sort_by_key(|item| item % 5);
        assert_eq!(outputs(Sort::new(size(7), |item: &usize| item % 5), n), expected, "{n}");
    }
    passes_errors_on(|| Sort::new(size(2), |item: &usize| *item));
}

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// An item that counts how many of it there are.
#[derive(Serialize, Debug)]
struct Counted(u32);

impl Counted {
    fn new(number: u32) -> Self {
        LIVE.set(LIVE.get() + 1);
        PEAK.set(PEAK.get().max(LIVE.get()));
        Self(number)
    }
}

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u32::deserialize(deserializer).map(Self::new)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

#[test]
fn the_items_in_memory_are_bounded() {
    let count = 45_000;
    let items = (0..count).map(|n| Counted::new(n * 7919 % count));
    let mut next = 0;
    let in_order = for_each(|item: Counted| {
        assert_eq!(item.0, next);
        next += 1;
        Ok(())
    });
    Pipeline::new("sort", from_iter(items)).sort(size(300), |item| item.0).end(in_order).run().unwrap();
    assert_eq!((next, LIVE.get()), (count, 0));
    // 150 runs of 300: four of 32 of them, and 21 that are left. And the item that is written.
    assert!(PEAK.get() <= 300 + 4 + 21 + 2, "{}", PEAK.get());
}

/// The open files of this process in `folder`, which are those of its sorts.
#[cfg(target_os = "linux")]
fn open_files(folder: &Path) -> usize {
    let files = fs::read_dir("/proc/self/fd").unwrap();
    let targets = files.filter_map(|file| fs::read_link(file.unwrap().path()).ok());
    targets.filter(|target| target.starts_with(folder)).count()
}

#[cfg(not(target_os = "linux"))]
fn open_files(_: &Path) -> usize {
    0
}

#[test]
fn the_files_are_gone_after_every_end() {
    let folder = tempfile::tempdir().unwrap();
    let folder = &fs::canonicalize(folder.path()).unwrap();
    let sort = || Sort::new(size(10), |n: &u32| std::cmp::Reverse(*n)).in_folder(folder);
    let numbers = || Pipeline::new("sort", from_iter(0..5000_u32));
    let gone = |end: &str| {
        assert_eq!((fs::read_dir(folder).unwrap().count(), open_files(folder)), (0, 0), "{end}");
    };

    let sees = for_each(|_: u32| {
        assert_eq!(fs::read_dir(folder).unwrap().count(), 0, "they have no names");
        if cfg!(target_os = "linux") {
            let open = open_files(folder);
            assert!((1..3 * WIDTH).contains(&open), "{open}");
        }
        Ok(())
    });
    numbers().pipe(sort()).end(sees).run().unwrap();
    gone("success");

    let fails = for_each(|n: u32| if n == 100 { Err("enough".into()) } else { Ok(()) });
    assert!(numbers().pipe(sort()).end(fails).run().is_err());
    gone("a failure behind it");

    let before = numbers().try_map(|n| if n == 3000 { Err("enough".into()) } else { Ok(n) });
    assert!(before.pipe(sort()).end(Collect::new()).run().is_err());
    gone("a failure before it");

    let token = CancelToken::new();
    let cancels = numbers().inspect(|n| {
        if *n == 3000 {
            token.cancel();
        }
    });
    let run = cancels.pipe(sort()).end(Collect::new()).cancelled_by(&token).run();
    assert!(run.unwrap_err().is_cancelled());
    gone("a cancellation");

    let panics =
        || numbers().pipe(sort()).end(for_each(|n: u32| if n == 100 { panic!("enough") } else { Ok(()) }));
    assert!(catch_unwind(AssertUnwindSafe(|| panics().run().map(drop))).is_err());
    gone("a panic");

    assert_eq!(numbers().pipe(sort()).take(3).end(Collect::new()).run().unwrap().output, [4999, 4998, 4997]);
    gone("a stop");
}

#[test]
fn a_cancellation_is_heeded_at_the_end() {
    let token = CancelToken::new();
    let probe = Probe::new();
    let seen = probe.seen();
    let sorted = Pipeline::new("sort", from_iter(0..1000_u32)).sort(size(10), |n| *n);
    let run = sorted
        .inspect(|n| {
            if *n == 100 {
                token.cancel();
            }
        })
        .end(probe)
        .cancelled_by(&token)
        .run();
    assert!(run.unwrap_err().is_cancelled());
    assert_eq!(seen.items().len(), 101);
}

#[test]
fn an_error_of_a_file_names_the_folder_and_calls_no_policy() {
    let numbers = || Pipeline::new("sort", from_iter(0..100_000_u32));
    let missing = Sort::new(size(10), |n: &u32| *n).in_folder("/nowhere/at/all");
    let error = numbers().pipe(missing).on_error(skip(1_000_000)).end(Collect::new()).run().unwrap_err();
    assert_eq!(error.stage(), Some("sort"));
    let text = error.into_source().to_string();
    assert!(
        text.starts_with("`sort` cannot create a temporary file in the folder /nowhere/at/all: "),
        "{text}"
    );
    assert!(
        text.ends_with("choose another folder with `Sort::in_folder`, or hold more items in memory"),
        "{text}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_with_the_folder() {
    for count in [15, 100_000] {
        let full = Sort { files: Files::on_a_full_disk("/data/tmp"), ..Sort::new(size(10), |n: &u32| *n) };
        let run = Pipeline::new("sort", from_iter(0..count)).pipe(full).end(Collect::new()).run();
        let text = run.unwrap_err().into_source().to_string();
        let expected =
            "`sort` cannot write a temporary file in the folder /data/tmp: No space left on device";
        assert!(text.starts_with(expected), "{text}");
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(f64),
    Box { width: u128, height: i128 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Everything {
    number: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left_out: Option<String>,
    text: Option<String>,
    shapes: Vec<Shape>,
    by_pair: BTreeMap<(u8, char), f32>,
    nothing: (),
    any: serde_json::Value,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

#[test]
fn values_of_every_kind_come_back_as_they_were() {
    let item = |number: i64| Everything {
        number,
        left_out: (number % 2 == 0).then(String::new),
        text: (number % 3 == 0).then(|| "\0\u{1f600}".to_owned()),
        shapes: vec![
            Shape::Point,
            Shape::Circle(f64::MIN_POSITIVE),
            Shape::Circle(f64::INFINITY),
            Shape::Circle(-0.0),
            Shape::Box { width: u128::MAX, height: i128::MIN },
        ],
        by_pair: [((1, 'a'), 0.1), ((2, 'b'), f32::MAX)].into(),
        nothing: (),
        any: serde_json::json!({"a": [null, 1, -1, 1.5, u64::MAX, "x", {}]}),
        rest: [("more".to_owned(), serde_json::json!([1]))].into(),
    };
    let items: Vec<_> = (0..100).rev().map(item).collect();
    let expected: Vec<_> = (0..100).map(item).collect();
    assert_eq!(sorted(items, 7, |item| item.number).unwrap(), expected);
    let numbers = sorted(vec![f64::NAN, 1.0, -0.0, f64::NEG_INFINITY], 1, |n| n.to_bits()).unwrap();
    assert!(numbers.iter().any(|n| n.is_nan()));
}

#[test]
fn a_value_that_would_be_read_as_another_is_refused() {
    #[derive(Serialize, Deserialize)]
    struct Wrapped(Option<()>);
    let text = |error: Error| error.into_source().to_string();
    let nested = text(sorted(vec![Some(Some(1)), Some(None), None], 1, |item| *item).unwrap_err());
    assert!(nested.contains("a `None` or `()` directly in a `Some` is not written to a file"), "{nested}");
    assert_eq!(
        sorted(vec![Some(Some(2)), Some(Some(1))], 1, |item| *item).unwrap(),
        [Some(Some(1)), Some(Some(2))]
    );
    assert!(sorted(vec![Some(()), None], 1, |_| 0).is_err());
    assert!(sorted(vec![Some(Wrapped(None)), None], 1, |_| 0).is_err());
    // In memory they are sorted as any other.
    assert!(sorted(vec![Some(Some(1)), Some(None), None], 3, |item| *item).is_ok());
}

#[test]
fn a_type_that_serde_cannot_read_is_an_error_before_the_first_file_is_full() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Odd {
        #[serde(serialize_with = "as_text")]
        number: u32,
    }
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn as_text<S: serde::Serializer>(number: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&number.to_string())
    }
    let source = from_iter((0..).map(|number| Odd { number }));
    let sorted = Pipeline::new("sort", source).sort(size(1000), |item| item.number);
    let error = sorted.end(Collect::new()).run().unwrap_err();
    let text = error.into_source().to_string();
    assert!(text.contains("as MessagePack, and one cannot be deserialized: "), "{text}");
}

#[test]
fn a_key_that_does_not_come_back_is_an_error() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Forgets {
        #[serde(skip)]
        place: u32,
        number: u32,
    }
    let items = (0..100).map(|n| Forgets { place: 100 - n, number: n });
    let by = |item: &Forgets| if item.place == 0 { item.number } else { item.place };
    let text = sorted(items.collect(), 10, by).unwrap_err().into_source().to_string();
    assert!(text.starts_with("the key of an item is another one after"), "{text}");
}

#[test]
fn the_report_counts_what_waits() {
    let numbers = Pipeline::new("sort", from_iter([3, 1, 2_u8])).sort(size(2), |n| *n);
    let report = numbers.end(Collect::new()).run().unwrap().report;
    let row = report.stage("sort").unwrap();
    assert_eq!((row.items_in(), row.items_out(), row.filtered()), (Some(3), Some(3), 0));
}
